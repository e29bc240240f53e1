-- What counts against limits, in all processes.
SELECT type, concurrency_key FROM dayjob_job INDEXED BY dayjob_job_running
WHERE status = 'running' AND (concurrency_key IS NOT NULL OR type IN (SELECT value FROM json_each(:types)))
