-- How many of these jobs are children of that job, and how many of them have not ended.
SELECT count(*), coalesce(sum(status IN ('pending', 'running')), 0) FROM dayjob_job
WHERE id IN (SELECT value FROM json_each(:children)) AND +parent_id = :parent
