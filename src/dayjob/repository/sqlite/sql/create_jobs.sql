-- The jobs in :news (see rows.new_job_values) that are new; nothing of those whose id, or unique key, is taken.
INSERT INTO dayjob_job (
    id, type, status, args, priority, run_at, ready, unique_key, max_attempts, created_at, rev, concurrency_key,
    parent_id, timeout, owner)
SELECT
    value ->> 0, value ->> 1, 'pending', value ->> 2, value ->> 3, value ->> 4, value ->> 4 <= value ->> 7, value ->> 5,
    value ->> 6, value ->> 7, :rev, value ->> 8, value ->> 9, value ->> 10,
    value ->> 11
FROM json_each(:news)
WHERE true  -- else ON would be taken for a join's
ON CONFLICT DO NOTHING
RETURNING id, rev
