-- An attempt that ended; the same one cannot end twice.
INSERT INTO dayjob_attempt (job, attempt, worker, started_at, ended_at, outcome, error, traceback)
SELECT seq, :attempt, :worker, started_at, :ended_at, :outcome, :error, :traceback FROM dayjob_job WHERE id = :id
ON CONFLICT DO NOTHING
