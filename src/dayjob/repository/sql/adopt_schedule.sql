INSERT INTO dayjob_schedule_worker (schedule, worker)
SELECT :name, id FROM dayjob_worker WHERE id = :worker
ON CONFLICT DO NOTHING
