SELECT * FROM dayjob_job WHERE id = :id
