-- How attempts ended: of those in :ends (see rows.end_values) that have not lost their right to the job.
UPDATE dayjob_job
SET status = ended.value ->> 'status', result = ended.value ->> 'result', error = ended.value ->> 'error',
    run_at = coalesce(ended.value ->> 'run_at', run_at),
    ready = coalesce(ended.value ->> 'run_at', run_at) <= ended.value ->> 'now',
    failures = ended.value ->> 'failures', orphans = ended.value ->> 'orphans',
    processed_items = coalesce(ended.value ->> 'processed_items', processed_items),
    total_items = coalesce(ended.value ->> 'total_items', total_items),
    progress = coalesce(ended.value ->> 'progress', progress),
    message = coalesce(ended.value ->> 'message', message), stage = coalesce(ended.value ->> 'stage', stage),
    progressed_at = coalesce(ended.value ->> 'progressed_at', progressed_at), stalled_since = NULL,
    started_at = coalesce(ended.value ->> 'started_at', started_at), completed_at = ended.value ->> 'completed_at',
    checkpoint = iif(ended.value ->> 'completed_at' IS NULL, checkpoint, NULL),  -- nobody goes on there any more
    checkpoint_progress = iif(ended.value ->> 'completed_at' IS NULL, checkpoint_progress, NULL),
    rev = :rev
FROM (SELECT value FROM json_each(:ends)) AS ended
WHERE id = ended.value ->> 'id' AND +status = 'running'
    AND +worker = ended.value ->> 'worker' AND attempt = ended.value ->> 'attempt'
