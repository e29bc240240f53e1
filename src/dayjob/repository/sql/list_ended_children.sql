SELECT id, status, result, error FROM dayjob_job
WHERE id IN (SELECT value FROM json_each(:children)) AND +parent_id = :parent
