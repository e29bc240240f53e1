-- The first jobs in line, of the types that this process knows, become attempts of this process.
UPDATE dayjob_job
SET status = 'running', worker = :worker, attempt = attempt + 1, started_at = NULL,
    processed_items = 0, total_items = NULL, progress = 0, message = NULL, error = NULL, rev = :rev
WHERE seq IN (
    SELECT seq FROM dayjob_job INDEXED BY dayjob_job_ready
    WHERE status = 'pending' AND ready = 1 AND type IN (SELECT value FROM json_each(:types))
      AND EXISTS (SELECT 1 FROM dayjob_worker WHERE id = :worker)  -- else nobody would find them, should it die
    ORDER BY priority DESC, seq
    LIMIT :limit)
RETURNING *
