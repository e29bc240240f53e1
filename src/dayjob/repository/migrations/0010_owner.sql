-- Whose job it is: the app's own name for a user, or null. Given by who adds the job, never by its arguments.
ALTER TABLE dayjob_job ADD COLUMN owner TEXT;

-- What may be active only once, may be so once for each owner. An owner is never the empty text.
DROP INDEX dayjob_job_unique;
CREATE UNIQUE INDEX dayjob_job_unique ON dayjob_job (unique_key, coalesce(owner, ''))
    WHERE unique_key IS NOT NULL AND status IN ('pending', 'running');

-- What the lists and the numbers of one owner read. Jobs without an owner are not in it, and pay nothing for it.
CREATE INDEX dayjob_job_owner ON dayjob_job (owner, status, seq, type, completed_at) WHERE owner IS NOT NULL;
