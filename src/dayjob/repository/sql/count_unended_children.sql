-- How many of these jobs are children of that job, and how many of them have not ended.
SELECT count(*), count(*) FILTER (WHERE status IN ('pending', 'running')) FROM dayjob_job
WHERE id {in children} AND {+}parent_id = :parent
