-- The children of a job, which are few enough to be looked at one by one.
SELECT {JobRow} FROM dayjob_job INDEXED BY dayjob_job_parent
WHERE parent_id = :parent AND seq < :before
  AND (:owner IS NULL OR +owner = :owner)
  AND +status IN (SELECT value FROM json_each(:statuses))
  AND (:types = '[]' OR +type IN (SELECT value FROM json_each(:types)))
ORDER BY seq DESC LIMIT :limit
