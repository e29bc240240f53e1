-- How attempts of :worker ended: of those in :ends (see rows.end_values) that have not lost their right to the job.
UPDATE dayjob_job
SET status = ended.status, result = ended.result, error = rest ->> 'error',
    -- Without a time of its own it runs again at once, and keeps the time that it was meant for.
    run_at = coalesce(rest ->> 'run_at', run_at), ready = coalesce(rest ->> 'run_at' <= ended.now, 1),
    failures = coalesce(rest ->> 'failures', failures), orphans = coalesce(rest ->> 'orphans', orphans),
    processed_items = coalesce(rest ->> 'processed_items', processed_items),
    -- What the attempt told last stands together: its stage has no total, perhaps, and the one before had.
    total_items = iif(rest ->> 'processed_items' IS NULL, total_items, rest ->> 'total_items'),
    progress = coalesce(ended.progress, dayjob_job.progress),
    message = iif(rest ->> 'processed_items' IS NULL, coalesce(rest ->> 'message', message), rest ->> 'message'),
    stage = iif(rest ->> 'processed_items' IS NULL, stage, rest ->> 'stage'),
    progressed_at = coalesce(rest ->> 'progressed_at', progressed_at), stalled_since = NULL,
    started_at = coalesce(ended.started_at, dayjob_job.started_at), completed_at = ended.completed_at,
    checkpoint = iif(ended.completed_at IS NULL, checkpoint, NULL),  -- nobody goes on there any more
    checkpoint_progress = iif(ended.completed_at IS NULL, checkpoint_progress, NULL),
    rev = :rev
FROM (
    SELECT value ->> 0 AS seq, value ->> 1 AS id, value ->> 2 AS attempt, value ->> 3 AS status, value ->> 4 AS result,
        value ->> 5 AS now, value ->> 6 AS started_at, value ->> 7 AS completed_at, value ->> 8 AS progress,
        value ->> 9 AS rest
    FROM json_each(:ends) LIMIT -1) AS ended  -- the limit: so that each is taken apart once, and not at each mention
-- By seq, which is quick to find; by id as well, for a seq is given again when the last job was removed.
WHERE dayjob_job.seq = ended.seq AND +dayjob_job.id = ended.id AND +dayjob_job.status = 'running'
    AND +worker = :worker AND dayjob_job.attempt = ended.attempt
