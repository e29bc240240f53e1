-- Jobs that were found at the head of the line become attempts of this process.
UPDATE dayjob_job
SET status = 'running', worker = :worker, attempt = attempt + 1, started_at = NULL,
    -- Progress stands where the checkpoint was made; without one, at nothing.
    processed_items = coalesce((checkpoint_progress::json ->> 'processed')::bigint, 0),
    total_items = (checkpoint_progress::json ->> 'total')::bigint,
    progress = coalesce((checkpoint_progress::json ->> 'percent')::integer, 0),
    message = checkpoint_progress::json ->> 'message',
    stage = checkpoint_progress::json ->> 'stage',
    progressed_at = NULL, stalled_since = NULL, error = NULL, {stamp}
WHERE seq = ANY(:seqs::bigint[]) AND (status = 'pending') IS TRUE
  AND EXISTS (SELECT 1 FROM dayjob_worker WHERE id = :worker)  -- else nobody would find them, should it die
RETURNING {DefinitionRow}
