SELECT {WorkerRow} FROM dayjob_worker ORDER BY started_at, id
