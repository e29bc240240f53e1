-- In the order of arrival, which is from the root down.
SELECT 1 FROM dayjob_job WHERE id = ANY(:names::text[]) ORDER BY seq FOR UPDATE
