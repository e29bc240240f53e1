-- What a claim got, in the order of its line, as one JSON array (of rows.DefinitionRow).
SELECT json_group_array(json_array(
    id, type, args, created_at, worker, attempt, failures, orphans, max_attempts, cancel_requested_at, rev,
    checkpoint, checkpoint_progress, parent_id, seq, timeout))
FROM (
    SELECT job.* FROM (SELECT key, value FROM json_each(:seqs)) AS line JOIN dayjob_job AS job ON job.seq = line.value
    WHERE job.worker = :worker AND job.rev = :rev
    ORDER BY line.key)
