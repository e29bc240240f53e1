-- How many children a job has, counted up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM dayjob_job {by dayjob_job_parent} WHERE parent_id = :parent LIMIT :limit) AS found
