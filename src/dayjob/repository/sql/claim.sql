-- The first jobs in line, of the types that this process knows, become attempts of this process.
UPDATE dayjob_job
SET status = 'running', worker = :worker, attempt = attempt + 1, started_at = NULL,
    -- Progress stands where the checkpoint was made; without one, at nothing.
    processed_items = coalesce(json_extract(checkpoint_progress, '$.processed'), 0),
    total_items = json_extract(checkpoint_progress, '$.total'),
    progress = coalesce(json_extract(checkpoint_progress, '$.percent'), 0),
    message = json_extract(checkpoint_progress, '$.message'),
    stage = json_extract(checkpoint_progress, '$.stage'),
    progressed_at = NULL, stalled_since = NULL, error = NULL, rev = :rev
WHERE seq IN (
    SELECT seq FROM dayjob_job INDEXED BY dayjob_job_ready
    WHERE status = 'pending' AND ready = 1 AND type IN (SELECT value FROM json_each(:types))
      AND EXISTS (SELECT 1 FROM dayjob_worker WHERE id = :worker)  -- else nobody would find them, should it die
    ORDER BY priority DESC, seq
    LIMIT :limit)
RETURNING *
