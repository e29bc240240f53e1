-- The jobs in :news (see rows.new_job_values) that are new; nothing of those whose id, or unique key, is taken.
INSERT INTO dayjob_job (
    id, type, status, args, priority, run_at, ready, unique_key, max_attempts, created_at, concurrency_key, parent_id,
    timeout, owner)
SELECT
    v ->> 0, v ->> 1, 'pending', v ->> 2, (v ->> 3)::integer, (v ->> 4)::bigint,
    ((v ->> 4)::bigint <= (v ->> 7)::bigint)::integer, v ->> 5, (v ->> 6)::integer, (v ->> 7)::bigint, v ->> 8,
    v ->> 9, (v ->> 10)::float8, v ->> 11
FROM json_array_elements(:news::json) AS new (v)
ON CONFLICT DO NOTHING
RETURNING id, rev
