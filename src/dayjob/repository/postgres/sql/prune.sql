-- The oldest ended jobs, as long as more than :keep of that status are left; their logs and attempts go with them.
-- Children stay as long as their parent may ask for them.
DELETE FROM dayjob_job WHERE seq = ANY(ARRAY(
    SELECT seq FROM dayjob_job AS old
    WHERE status = :status AND completed_at < :before AND completed_at IS NOT NULL
      AND (parent_id IS NULL OR NOT EXISTS (
          SELECT 1 FROM dayjob_job AS parent WHERE parent.id = old.parent_id AND parent.status IN ('pending', 'running')))
    ORDER BY completed_at
    LIMIT greatest(0, least(:limit, (SELECT sum(jobs)::bigint FROM dayjob_count WHERE status = :status) - :keep))))
RETURNING seq
