-- The oldest ended jobs, as long as more than :keep of that status are left; triggers take their logs and attempts along.
DELETE FROM dayjob_job WHERE seq IN (
    SELECT seq FROM dayjob_job INDEXED BY dayjob_job_ended
    WHERE status = :status AND completed_at < :before AND completed_at IS NOT NULL
    ORDER BY completed_at
    LIMIT max(0, min(:limit, (SELECT jobs FROM dayjob_count WHERE status = :status) - :keep)))
RETURNING seq
