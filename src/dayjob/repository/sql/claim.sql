-- Jobs that were found at the head of the line become attempts of this process.
UPDATE dayjob_job
SET status = 'running', worker = :worker, attempt = attempt + 1, started_at = NULL,
    processed_items = 0, total_items = NULL, progress = 0, message = NULL, error = NULL, rev = :rev
WHERE seq IN (SELECT value FROM json_each(:seqs)) AND +status = 'pending'  -- the plus: by seq, not by an index of statuses
  AND EXISTS (SELECT 1 FROM dayjob_worker WHERE id = :worker)  -- else nobody would find them, should it die
RETURNING *
