-- Whether a process runs a job that two others died under.
SELECT 1 FROM dayjob_job {by dayjob_job_running}
WHERE status = 'running' AND worker = :worker AND orphans >= 2
LIMIT 1
