-- Jobs that jobs add, and wait for. A job that waits has ready = 2: no claim finds it, however old its run_at is.

ALTER TABLE dayjob_job ADD COLUMN parent_id TEXT;
ALTER TABLE dayjob_job ADD COLUMN waits_for INTEGER;                  -- how many children have to end before it is ready
ALTER TABLE dayjob_job ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0; -- its parent waits for its end

-- In order of arrival, for that is the order of rows. Jobs without a parent are not in it, and ends change nothing in it.
CREATE INDEX dayjob_job_parent ON dayjob_job (parent_id) WHERE parent_id IS NOT NULL;
