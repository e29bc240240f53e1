SELECT {DefinitionRow} FROM dayjob_job {by dayjob_job_running} WHERE status = 'running' AND worker = :worker
