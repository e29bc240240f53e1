-- The jobs of an owner that have one status; all that decides stands in the index.
SELECT {JobRow} FROM dayjob_job INDEXED BY dayjob_job_owner
WHERE owner = :owner AND status = :status AND seq < :before
  AND (:types = '[]' OR type IN (SELECT value FROM json_each(:types)))
ORDER BY seq DESC LIMIT :limit
