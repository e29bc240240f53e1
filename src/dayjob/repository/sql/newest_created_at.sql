SELECT created_at FROM dayjob_job WHERE seq = (SELECT max(seq) FROM dayjob_job)
