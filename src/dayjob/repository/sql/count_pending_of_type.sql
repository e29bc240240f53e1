-- How many jobs of one type wait, counted up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM dayjob_job {by dayjob_job_type} WHERE type = :type AND status = 'pending' LIMIT :limit) AS found
