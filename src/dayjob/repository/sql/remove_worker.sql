-- A process is remembered as long as jobs are said to run there: they are found by it.
DELETE FROM dayjob_worker WHERE id = :id AND NOT EXISTS (
    SELECT 1 FROM dayjob_job {by dayjob_job_running} WHERE status = 'running' AND worker = :id)
RETURNING 1
