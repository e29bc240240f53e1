-- The children of a job, which are few enough to be looked at one by one.
SELECT {JobRow} FROM dayjob_job {by dayjob_job_parent}
WHERE parent_id = :parent AND seq < :before
  AND (CAST(:owner AS text) IS NULL OR {+}owner = :owner)
  AND {+}status {in statuses}
  AND (:types = '[]' OR {+}type {in types})
ORDER BY seq DESC LIMIT :limit
