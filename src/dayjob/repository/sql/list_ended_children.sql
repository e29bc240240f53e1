SELECT id, status, result, error FROM dayjob_job
WHERE id {in children} AND {+}parent_id = :parent
