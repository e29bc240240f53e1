-- How attempts ended: of those in :ends (see rows.end_values) that have not lost their right to the job.
UPDATE dayjob_job
SET status = ended.status, result = ended.result, error = ended.error,
    run_at = coalesce(ended.run_at, dayjob_job.run_at),
    ready = coalesce(ended.run_at, dayjob_job.run_at) <= ended.now,
    failures = ended.failures, orphans = ended.orphans,
    processed_items = coalesce(ended.processed_items, dayjob_job.processed_items),
    total_items = coalesce(ended.total_items, dayjob_job.total_items),
    progress = coalesce(ended.progress, dayjob_job.progress),
    message = coalesce(ended.message, dayjob_job.message), stage = coalesce(ended.stage, dayjob_job.stage),
    progressed_at = coalesce(ended.progressed_at, dayjob_job.progressed_at), stalled_since = NULL,
    started_at = coalesce(ended.started_at, dayjob_job.started_at), completed_at = ended.completed_at,
    checkpoint = iif(ended.completed_at IS NULL, checkpoint, NULL),  -- nobody goes on there any more
    checkpoint_progress = iif(ended.completed_at IS NULL, checkpoint_progress, NULL),
    rev = :rev
FROM (
    SELECT value ->> 0 AS seq, value ->> 1 AS id, value ->> 2 AS worker, value ->> 3 AS attempt,
        value ->> 4 AS status, value ->> 5 AS result, value ->> 6 AS error, value ->> 7 AS run_at, value ->> 8 AS now,
        value ->> 9 AS failures, value ->> 10 AS orphans, value ->> 11 AS started_at, value ->> 12 AS completed_at,
        value ->> 13 AS processed_items, value ->> 14 AS total_items, value ->> 15 AS progress,
        value ->> 16 AS message, value ->> 17 AS stage, value ->> 18 AS progressed_at
    FROM json_each(:ends)) AS ended
-- By seq, which is quick to find; by id as well, for a seq is given again when the last job was removed.
WHERE dayjob_job.seq = ended.seq AND +dayjob_job.id = ended.id AND +dayjob_job.status = 'running'
    AND +dayjob_job.worker = ended.worker AND dayjob_job.attempt = ended.attempt
