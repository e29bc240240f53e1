INSERT INTO dayjob_log (job, seq, attempt, at, level, text) VALUES (:job, :seq, :attempt, :at, :level, :text)
