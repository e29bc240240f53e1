UPDATE dayjob_schedule
SET next_run_at = :next_run_at, error = NULL, last_run_at = coalesce(:occurrence, last_run_at),
    last_job_id = coalesce(:job_id, last_job_id)
WHERE name = :name AND next_run_at = :planned
