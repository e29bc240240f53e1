-- How many jobs wait, counted up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM dayjob_job INDEXED BY dayjob_job_status WHERE status = 'pending' LIMIT :limit)
