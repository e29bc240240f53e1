SELECT * FROM dayjob_job WHERE status = :status AND seq < :before ORDER BY seq DESC LIMIT :limit
