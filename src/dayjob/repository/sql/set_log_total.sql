INSERT INTO dayjob_log_total (job, seq, lines, bytes) VALUES (:job, :seq, :lines, :bytes)
ON CONFLICT (job) DO UPDATE SET seq = excluded.seq, lines = excluded.lines, bytes = excluded.bytes
