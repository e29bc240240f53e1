-- The jobs of an owner that have one status; all that decides stands in the index.
SELECT {JobRow} FROM dayjob_job {by dayjob_job_owner}
WHERE owner = :owner AND status = :status AND seq < :before
  AND (:types = '[]' OR type {in types})
ORDER BY seq DESC LIMIT :limit
