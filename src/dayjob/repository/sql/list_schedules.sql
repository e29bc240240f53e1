SELECT s.*,
       NOT EXISTS (SELECT 1 FROM dayjob_schedule_worker w WHERE w.schedule = s.name) AS orphaned,
       EXISTS (SELECT 1 FROM dayjob_schedule_worker w WHERE w.schedule = s.name AND w.worker = :worker) AS mine
FROM dayjob_schedule s
ORDER BY s.name
