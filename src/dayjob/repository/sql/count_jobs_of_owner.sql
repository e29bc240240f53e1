SELECT status, count(*) FROM dayjob_job INDEXED BY dayjob_job_owner WHERE owner = :owner GROUP BY status
