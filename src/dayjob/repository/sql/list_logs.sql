SELECT seq, attempt, at, level, text
FROM dayjob_log WHERE job = (SELECT seq FROM dayjob_job WHERE id = :id) AND seq > :after
ORDER BY seq LIMIT :limit
