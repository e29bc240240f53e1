-- How an attempt ended; no row if the attempt lost its right to the job.
UPDATE dayjob_job
SET status = :status, result = :result, error = :error, run_at = coalesce(:run_at, run_at),
    ready = coalesce(:run_at, run_at) <= :now, failures = :failures, orphans = :orphans,
    processed_items = coalesce(:processed_items, processed_items), total_items = coalesce(:total_items, total_items),
    progress = coalesce(:progress, progress), message = coalesce(:message, message),
    stage = coalesce(:stage, stage), progressed_at = coalesce(:progressed_at, progressed_at), stalled_since = NULL,
    started_at = coalesce(:started_at, started_at), completed_at = :completed_at, rev = :rev,
    checkpoint = iif(:completed_at IS NULL, checkpoint, NULL),  -- nobody goes on there any more
    checkpoint_progress = iif(:completed_at IS NULL, checkpoint_progress, NULL)
WHERE id = :id AND status = 'running' AND worker = :worker AND attempt = :attempt
RETURNING *
