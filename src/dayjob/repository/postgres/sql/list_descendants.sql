-- A job that has not ended, its children, their children and so on: those of them that have not ended.
-- OFFSET 0: a table of which nothing is known is looked into for each, and never joined as a whole.
WITH RECURSIVE family (id) AS (
    SELECT id FROM dayjob_job WHERE id = :id AND status IN ('pending', 'running')
    UNION
    SELECT child.id FROM family CROSS JOIN LATERAL (
        SELECT id FROM dayjob_job WHERE parent_id = family.id OFFSET 0) AS child)
SELECT job.id FROM family CROSS JOIN LATERAL (
    SELECT id, status FROM dayjob_job WHERE dayjob_job.id = family.id OFFSET 0) AS job
WHERE job.status IN ('pending', 'running')
