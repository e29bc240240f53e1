-- When the server was started, and the numbers of the processes that are connected (see process_lock).
SELECT pg_postmaster_start_time()::text, ARRAY(
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid::bigint = :space
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
