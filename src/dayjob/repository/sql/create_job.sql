-- A job that is new; nothing if its id, or its unique key, is taken.
INSERT INTO dayjob_job (
    id, type, status, args, priority, run_at, ready, unique_key, max_attempts, created_at, rev, concurrency_key,
    parent_id)
VALUES (
    :id, :type, 'pending', :args, :priority, :run_at, :run_at <= :created_at, :unique_key, :max_attempts, :created_at,
    :rev, :concurrency_key, :parent_id)
ON CONFLICT DO NOTHING
