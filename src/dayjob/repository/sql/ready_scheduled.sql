-- Scheduled jobs whose time has come take their place in the queue.
UPDATE dayjob_job SET ready = 1
WHERE seq IN (
    SELECT seq FROM dayjob_job {by dayjob_job_scheduled}
    WHERE status = 'pending' AND ready = 0 AND run_at <= :now
    LIMIT 1000)
