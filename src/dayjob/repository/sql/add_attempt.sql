-- An attempt that ended; the same one cannot end twice.
INSERT INTO dayjob_attempt (job, attempt, worker, started_at, ended_at, outcome, error, traceback)
VALUES (:job, :attempt, :worker, :started_at, :ended_at, :outcome, :error, :traceback)
ON CONFLICT DO NOTHING
