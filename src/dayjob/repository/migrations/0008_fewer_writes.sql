-- What each move of a job wrote beside the job itself, and what can be had without it.

-- Jobs are counted by the transaction that moves them, once for all that it moves, instead of by a trigger for each.
DROP TRIGGER dayjob_count_created;
DROP TRIGGER dayjob_count_moved;
DROP TRIGGER dayjob_evidence_pruned;

-- A status is listed type by type.
DROP INDEX dayjob_job_status;

-- An attempt that completed its job leaves nothing that the job does not tell; rows are for all others.
CREATE TABLE dayjob_attempt_new (
    job        INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    worker     TEXT,
    started_at INTEGER,
    ended_at   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    error      TEXT,
    traceback  TEXT,
    PRIMARY KEY (job, attempt)
) WITHOUT ROWID;
INSERT INTO dayjob_attempt_new SELECT * FROM dayjob_attempt WHERE outcome <> 'complete';
DROP TABLE dayjob_attempt;
ALTER TABLE dayjob_attempt_new RENAME TO dayjob_attempt;

CREATE TRIGGER dayjob_evidence_pruned AFTER DELETE ON dayjob_job
BEGIN
    DELETE FROM dayjob_log WHERE job = OLD.seq;
    DELETE FROM dayjob_log_total WHERE job = OLD.seq;
    DELETE FROM dayjob_attempt WHERE job = OLD.seq;
END;
