SELECT min(run_at) AS run_at FROM dayjob_job {by dayjob_job_scheduled} WHERE status = 'pending' AND ready = 0
