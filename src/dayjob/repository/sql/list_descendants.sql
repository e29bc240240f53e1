-- A job that has not ended, its children, their children and so on: those of them that have not ended.
WITH RECURSIVE family (id) AS (
    SELECT id FROM dayjob_job WHERE id = :id AND {+}status IN ('pending', 'running')
    UNION
    SELECT child.id FROM family JOIN dayjob_job AS child {by dayjob_job_parent} ON child.parent_id = family.id)
SELECT job.id FROM family CROSS JOIN dayjob_job AS job  -- cross: in this order, whatever ANALYZE says
WHERE job.id = family.id AND {+}job.status IN ('pending', 'running')
