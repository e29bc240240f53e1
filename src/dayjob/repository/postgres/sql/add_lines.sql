-- Lines of a job, in :lines with their numbers (see logs.add_lines).
INSERT INTO dayjob_log (job, seq, attempt, at, level, text)
SELECT :job, (v ->> 0)::bigint, :attempt, (v ->> 1)::bigint, v ->> 2, v ->> 3
FROM json_array_elements(:lines::json) AS line (v)
