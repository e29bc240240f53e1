-- How many jobs wait, whatever their number.
SELECT jobs FROM dayjob_count WHERE status = 'pending'
