-- What counts against limits, in all processes.
SELECT type, concurrency_key FROM dayjob_job {by dayjob_job_running}
WHERE status = 'running' AND (concurrency_key IS NOT NULL OR type {in types})
