-- What jobs leave behind: log lines, ended attempts, and how many jobs there are of each status.
-- `job` is dayjob_job.seq. It may be given out again once a job is pruned, so all of this goes with the job.

CREATE TABLE dayjob_log (
    job     INTEGER NOT NULL,
    seq     INTEGER NOT NULL,                  -- rises by one a line; a gap stands for lines that were dropped
    attempt INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    level   TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) WITHOUT ROWID;

CREATE TABLE dayjob_log_total (
    job   INTEGER PRIMARY KEY,
    seq   INTEGER NOT NULL,                    -- the last number that was given out
    lines INTEGER NOT NULL,                    -- what is kept
    bytes INTEGER NOT NULL
);

CREATE TABLE dayjob_attempt (
    job        INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    worker     TEXT,
    started_at INTEGER,                        -- null: the handler was never called
    ended_at   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,                  -- the event that ended it (states.Event)
    error      TEXT,
    traceback  TEXT,
    UNIQUE (job, attempt)
);

CREATE TABLE dayjob_count (
    status TEXT PRIMARY KEY,
    jobs   INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO dayjob_count (status, jobs)
VALUES ('pending', 0), ('running', 0), ('completed', 0), ('failed', 0), ('cancelled', 0);
UPDATE dayjob_count SET jobs = (SELECT count(*) FROM dayjob_job WHERE dayjob_job.status = dayjob_count.status);

-- What retention and statistics read: they must not go through all of history.
CREATE INDEX dayjob_job_ended ON dayjob_job (status, completed_at, type) WHERE completed_at IS NOT NULL;

CREATE TRIGGER dayjob_count_created AFTER INSERT ON dayjob_job
BEGIN
    UPDATE dayjob_count SET jobs = jobs + 1 WHERE status = NEW.status;
END;

CREATE TRIGGER dayjob_count_moved AFTER UPDATE OF status ON dayjob_job WHEN NEW.status IS NOT OLD.status
BEGIN
    UPDATE dayjob_count SET jobs = jobs + CASE status WHEN NEW.status THEN 1 ELSE -1 END
    WHERE status IN (NEW.status, OLD.status);
END;

CREATE TRIGGER dayjob_evidence_pruned AFTER DELETE ON dayjob_job
BEGIN
    UPDATE dayjob_count SET jobs = jobs - 1 WHERE status = OLD.status;
    DELETE FROM dayjob_log WHERE job = OLD.seq;
    DELETE FROM dayjob_log_total WHERE job = OLD.seq;
    DELETE FROM dayjob_attempt WHERE job = OLD.seq;
END;
