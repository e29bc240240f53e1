-- Times are microseconds since 1970 in UTC; JSON is text. `rev` is the database's change number (see dayjob_meta).

CREATE TABLE dayjob_meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO dayjob_meta (key, value) VALUES ('rev', 0);

CREATE TABLE dayjob_job (
    seq                 INTEGER PRIMARY KEY,   -- order of arrival: what lists are sorted and paged by
    id                  TEXT NOT NULL UNIQUE,
    type                TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    args                TEXT NOT NULL,
    priority            INTEGER NOT NULL,
    run_at              INTEGER NOT NULL,
    ready               INTEGER NOT NULL,      -- 0 while run_at is in the future
    unique_key          TEXT,
    attempt             INTEGER NOT NULL DEFAULT 0,
    failures            INTEGER NOT NULL DEFAULT 0,
    orphans             INTEGER NOT NULL DEFAULT 0,
    max_attempts        INTEGER NOT NULL,
    worker              TEXT,                  -- the process that runs it, or ran it last
    cancel_requested_at INTEGER,
    processed_items     INTEGER NOT NULL DEFAULT 0,
    total_items         INTEGER,
    progress            INTEGER NOT NULL DEFAULT 0,
    message             TEXT,
    result              TEXT,
    error               TEXT,
    created_at          INTEGER NOT NULL,
    started_at          INTEGER,
    completed_at        INTEGER,
    rev                 INTEGER NOT NULL
);

-- Claims read only these: history and far-future jobs cost them nothing.
CREATE INDEX dayjob_job_ready     ON dayjob_job (priority DESC, seq) WHERE status = 'pending' AND ready = 1;
CREATE INDEX dayjob_job_scheduled ON dayjob_job (run_at)             WHERE status = 'pending' AND ready = 0;
CREATE INDEX dayjob_job_running   ON dayjob_job (worker)             WHERE status = 'running';
CREATE UNIQUE INDEX dayjob_job_unique ON dayjob_job (unique_key) WHERE unique_key IS NOT NULL AND status IN ('pending', 'running');
-- What other processes changed, and what lists filter by.
CREATE INDEX dayjob_job_rev       ON dayjob_job (rev);
CREATE INDEX dayjob_job_status    ON dayjob_job (status, seq);
CREATE INDEX dayjob_job_type      ON dayjob_job (type, status, seq);

CREATE TRIGGER dayjob_job_transition BEFORE UPDATE OF status ON dayjob_job
WHEN NEW.status IS NOT OLD.status AND NOT (
       (OLD.status = 'pending' AND NEW.status IN ('running', 'cancelled'))
    OR (OLD.status = 'running' AND NEW.status IN ('pending', 'completed', 'failed', 'cancelled')))
BEGIN
    SELECT raise(ABORT, 'illegal transition of a job');
END;

CREATE TRIGGER dayjob_job_terminal BEFORE UPDATE ON dayjob_job
WHEN OLD.status IN ('completed', 'failed', 'cancelled')
BEGIN
    SELECT raise(ABORT, 'a finished job is immutable');
END;

CREATE TABLE dayjob_worker (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    slots      INTEGER NOT NULL,
    types      TEXT NOT NULL,                  -- JSON: the names of the types that it can run
    version    TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    beat       INTEGER NOT NULL DEFAULT 0      -- raised every two seconds; nobody compares clocks
) WITHOUT ROWID;
