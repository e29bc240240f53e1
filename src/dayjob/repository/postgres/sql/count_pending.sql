-- How many jobs wait, whatever their number.
SELECT sum(jobs)::bigint FROM dayjob_count WHERE status = 'pending'
