-- Jobs that were found at the head of the line become attempts of this process.
UPDATE dayjob_job
SET status = 'running', worker = :worker, attempt = attempt + 1, started_at = NULL,
    -- Progress stands where the checkpoint was made; without one, at nothing.
    processed_items = coalesce(json_extract(checkpoint_progress, '$.processed'), 0),
    total_items = json_extract(checkpoint_progress, '$.total'),
    progress = coalesce(json_extract(checkpoint_progress, '$.percent'), 0),
    message = json_extract(checkpoint_progress, '$.message'),
    stage = json_extract(checkpoint_progress, '$.stage'),
    progressed_at = NULL, stalled_since = NULL, error = NULL, rev = :rev
WHERE seq IN (SELECT value FROM json_each(:seqs)) AND +status = 'pending'  -- the plus: by seq, not by an index of statuses
  AND EXISTS (SELECT 1 FROM dayjob_worker WHERE id = :worker)  -- else nobody would find them, should it die
