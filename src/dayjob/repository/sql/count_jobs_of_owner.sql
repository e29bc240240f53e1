SELECT status, count(*) FROM dayjob_job {by dayjob_job_owner} WHERE owner = :owner GROUP BY status
