-- The children that a job waits for: those of them that have not ended.
UPDATE dayjob_job SET awaited = 1
WHERE id {in children} AND {+}parent_id = :parent AND {+}status IN ('pending', 'running')
RETURNING seq
