-- The first in line of every key of a type. It leaps from key to key: how long the lines are does not matter.
WITH RECURSIVE found (key) AS (
    SELECT * FROM (
        SELECT concurrency_key FROM dayjob_job INDEXED BY dayjob_job_keyed
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key IS NOT NULL AND type = :type
        ORDER BY concurrency_key LIMIT 1) AS first
    UNION ALL
    SELECT (
        SELECT concurrency_key FROM dayjob_job INDEXED BY dayjob_job_keyed
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key > found.key AND type = :type
        ORDER BY concurrency_key LIMIT 1)
    FROM found WHERE found.key IS NOT NULL
    LIMIT :limit)
SELECT job.priority, job.seq, job.concurrency_key
FROM found JOIN dayjob_job AS job ON job.seq = (
    SELECT seq FROM dayjob_job INDEXED BY dayjob_job_keyed
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key = found.key AND type = :type
    ORDER BY priority DESC, seq LIMIT 1)
