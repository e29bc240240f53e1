-- Lines of a job, in :lines with their numbers (see logs.add_lines).
INSERT INTO dayjob_log (job, seq, attempt, at, level, text)
SELECT :job, value ->> 0, :attempt, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:lines)
