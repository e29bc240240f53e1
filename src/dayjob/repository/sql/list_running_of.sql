SELECT {DefinitionRow} FROM dayjob_job INDEXED BY dayjob_job_running WHERE status = 'running' AND worker = :worker
