-- The oldest lines of a job, with their bytes.
SELECT seq, length(CAST(text AS BLOB)) FROM dayjob_log WHERE job = :job ORDER BY seq LIMIT :limit
