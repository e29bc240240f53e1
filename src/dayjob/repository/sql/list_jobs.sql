SELECT {JobRow} FROM dayjob_job WHERE seq < :before ORDER BY seq DESC LIMIT :limit
