SELECT name, type, expression, time_zone, args, missed, paused, next_run_at, last_run_at, last_job_id, error,
       NOT EXISTS (SELECT 1 FROM dayjob_schedule_worker w WHERE w.schedule = s.name) AS orphaned,
       EXISTS (SELECT 1 FROM dayjob_schedule_worker w WHERE w.schedule = s.name AND w.worker = :worker) AS mine
FROM dayjob_schedule s
ORDER BY s.name
