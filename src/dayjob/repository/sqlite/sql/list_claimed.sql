-- What a claim got, in the order of its line, as one JSON array. The pluses: by seq, not by the index of change numbers,
-- which newer planners prefer; then the whole line would be searched for each of its jobs.
SELECT json_group_array(json_array({DefinitionRow}))
FROM (
    SELECT job.* FROM (SELECT key, value FROM json_each(:seqs)) AS line JOIN dayjob_job AS job ON job.seq = line.value
    WHERE +job.worker = :worker AND +job.rev = :rev
    ORDER BY line.key)
