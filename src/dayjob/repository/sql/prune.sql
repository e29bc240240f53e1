-- The oldest ended jobs; triggers take their logs and attempts with them.
DELETE FROM dayjob_job WHERE seq IN (
    SELECT seq FROM dayjob_job INDEXED BY dayjob_job_ended
    WHERE status = :status AND completed_at < :before AND completed_at IS NOT NULL
    ORDER BY completed_at
    LIMIT :limit)
RETURNING seq
