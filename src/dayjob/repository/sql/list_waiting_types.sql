-- The types of which jobs are ready, and since when the first in each line is. It leaps from type to type, as list_types does.
WITH RECURSIVE found (type) AS (
    SELECT * FROM (
        SELECT type FROM dayjob_job {by dayjob_job_ready}
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND type > '' ORDER BY type LIMIT 1) AS first
    UNION ALL
    SELECT (
        SELECT type FROM dayjob_job {by dayjob_job_ready}
        WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND type > found.type ORDER BY type LIMIT 1)
    FROM found WHERE found.type IS NOT NULL)
SELECT type, (
    SELECT run_at FROM dayjob_job AS job {by dayjob_job_ready}
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND job.type = found.type ORDER BY priority DESC, seq LIMIT 1)
FROM found WHERE type IS NOT NULL
