-- Scheduled jobs whose time has come, by the clock of the server, take their place in the queue.
UPDATE dayjob_job SET ready = 1
WHERE seq = ANY(ARRAY(
    SELECT seq FROM dayjob_job
    WHERE status = 'pending' AND ready = 0 AND run_at <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    ORDER BY run_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED))
