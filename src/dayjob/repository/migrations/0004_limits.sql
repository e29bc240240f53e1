-- How many jobs may run at once per type or per key, which ones killed their processes, and which loops are blocked.

ALTER TABLE dayjob_job ADD COLUMN concurrency_key TEXT;  -- jobs with the same one share a limit; always with a space

-- Jobs that two processes died under stand in a line of their own. Each type has its own place in the index, so a type
-- that has no room, or that nobody here knows, costs a claim nothing, however many of its jobs wait.
DROP INDEX dayjob_job_ready;
CREATE INDEX dayjob_job_ready ON dayjob_job (type, priority DESC, seq, concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2;
CREATE INDEX dayjob_job_suspect ON dayjob_job (type, priority DESC, seq, concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans >= 2;
CREATE INDEX dayjob_job_keyed ON dayjob_job (type, concurrency_key, priority DESC, seq)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key IS NOT NULL;

-- With what limits are counted by.
DROP INDEX dayjob_job_running;
CREATE INDEX dayjob_job_running ON dayjob_job (worker, type, concurrency_key) WHERE status = 'running';

ALTER TABLE dayjob_worker ADD COLUMN blocked_since INTEGER;             -- its event loop has not answered since
ALTER TABLE dayjob_worker ADD COLUMN blocked_by    TEXT;                -- JSON: the ids of the jobs that may be why
ALTER TABLE dayjob_worker ADD COLUMN stuck         INTEGER NOT NULL DEFAULT 0;  -- handlers written off, still running
