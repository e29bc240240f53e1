SELECT count(*) FROM (
    SELECT 1 FROM dayjob_job INDEXED BY dayjob_job_ended
    WHERE status = :status AND completed_at < :before AND completed_at IS NOT NULL
    LIMIT :limit)
