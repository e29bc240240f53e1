-- How attempts of :worker ended: of those in :ends (see rows.end_values) that have not lost their right to the job.
-- They are found by :seqs, the same ones in order: without that a young table is read from end to end.
UPDATE dayjob_job
SET status = ended.status, result = ended.result, error = rest ->> 'error',
    -- Without a time of its own it runs again at once, and keeps the time that it was meant for.
    run_at = coalesce((rest ->> 'run_at')::bigint, run_at),
    ready = coalesce(((rest ->> 'run_at')::bigint <= ended.now)::integer, 1),
    failures = coalesce((rest ->> 'failures')::integer, failures),
    orphans = coalesce((rest ->> 'orphans')::integer, orphans),
    processed_items = coalesce((rest ->> 'processed_items')::bigint, processed_items),
    -- What the attempt told last stands together: its stage has no total, perhaps, and the one before had.
    total_items = CASE WHEN rest ->> 'processed_items' IS NULL THEN total_items
                       ELSE (rest ->> 'total_items')::bigint END,
    progress = coalesce(ended.progress, dayjob_job.progress),
    message = CASE WHEN rest ->> 'processed_items' IS NULL THEN coalesce(rest ->> 'message', message)
                   ELSE rest ->> 'message' END,
    stage = CASE WHEN rest ->> 'processed_items' IS NULL THEN stage ELSE rest ->> 'stage' END,
    progressed_at = coalesce((rest ->> 'progressed_at')::bigint, progressed_at), stalled_since = NULL,
    started_at = coalesce(ended.started_at, dayjob_job.started_at), completed_at = ended.completed_at,
    checkpoint = CASE WHEN ended.completed_at IS NULL THEN checkpoint END,  -- nobody goes on there any more
    checkpoint_progress = CASE WHEN ended.completed_at IS NULL THEN checkpoint_progress END,
    {stamp}
FROM (
    SELECT (v ->> 0)::bigint AS seq, v ->> 1 AS id, (v ->> 2)::integer AS attempt, v ->> 3 AS status, v ->> 4 AS result,
        (v ->> 5)::bigint AS now, (v ->> 6)::bigint AS started_at, (v ->> 7)::bigint AS completed_at,
        (v ->> 8)::integer AS progress, nullif((v -> 9)::text, 'null')::json AS rest
    FROM json_array_elements(:ends::json) AS a (v)) AS ended
WHERE dayjob_job.seq = ANY(:seqs::bigint[]) AND dayjob_job.seq = ended.seq AND dayjob_job.id = ended.id
    AND (dayjob_job.status = 'running') IS TRUE AND (worker = :worker) IS TRUE
    AND dayjob_job.attempt = ended.attempt
RETURNING dayjob_job.seq
