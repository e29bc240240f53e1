SELECT id, type, args, created_at, worker, attempt, failures, orphans, max_attempts, cancel_requested_at, rev, checkpoint,
    checkpoint_progress, parent_id, seq, timeout
FROM dayjob_job INDEXED BY dayjob_job_running WHERE status = 'running' AND worker = :worker
