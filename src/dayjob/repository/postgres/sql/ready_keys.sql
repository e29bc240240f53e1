-- The first in line of every key of a type. It leaps from key to key: how long the lines are does not matter.
WITH RECURSIVE found (key, number) AS (
    SELECT * FROM (
        SELECT concurrency_key, 1 FROM dayjob_job
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key IS NOT NULL AND type = :type
        ORDER BY concurrency_key LIMIT 1) AS first
    UNION ALL
    SELECT (
        SELECT concurrency_key FROM dayjob_job
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key > found.key AND type = :type
        ORDER BY concurrency_key LIMIT 1), found.number + 1
    FROM found WHERE found.key IS NOT NULL AND found.number < :limit)
SELECT job.priority, job.seq, job.concurrency_key
FROM found CROSS JOIN LATERAL (
    SELECT priority, seq, concurrency_key FROM dayjob_job
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key = found.key AND type = :type
    ORDER BY priority DESC, seq LIMIT 1) AS job
