-- The types that jobs have. It leaps from type to type: how many jobs there are does not matter.
WITH RECURSIVE found (type) AS (
    SELECT * FROM (SELECT type FROM dayjob_job WHERE type > '' ORDER BY type LIMIT 1) AS first
    UNION ALL
    SELECT (SELECT type FROM dayjob_job WHERE type > found.type ORDER BY type LIMIT 1) FROM found WHERE found.type IS NOT NULL)
SELECT type FROM found WHERE type IS NOT NULL
