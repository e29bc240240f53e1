-- The line of one type and key.
SELECT priority, seq, concurrency_key FROM dayjob_job {by dayjob_job_keyed}
WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND type = :type AND concurrency_key = :key
ORDER BY priority DESC, seq
LIMIT :limit
