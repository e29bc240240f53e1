SELECT {JobRow} FROM dayjob_job WHERE type = :type AND status = :status AND seq < :before ORDER BY seq DESC LIMIT :limit
