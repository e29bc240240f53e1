SELECT count(*) FROM (
    SELECT 1 FROM dayjob_job AS old {by dayjob_job_ended}
    WHERE status = :status AND completed_at < :before AND completed_at IS NOT NULL
      AND (parent_id IS NULL OR NOT EXISTS (
          SELECT 1 FROM dayjob_job AS parent WHERE parent.id = old.parent_id AND {+}parent.status IN ('pending', 'running')))
    LIMIT :limit) AS found
