-- The oldest lines of a job, with their bytes.
SELECT seq, octet_length(text) FROM dayjob_log WHERE job = :job ORDER BY seq LIMIT :limit
