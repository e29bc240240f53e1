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
    ready               INTEGER NOT NULL,      -- 0 while run_at is in the future, 2 while it waits for children
    unique_key          TEXT,
    attempt             INTEGER NOT NULL DEFAULT 0,
    failures            INTEGER NOT NULL DEFAULT 0,
    orphans             INTEGER NOT NULL DEFAULT 0,  -- processes that died under it; from two on it is quarantined
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
    rev                 INTEGER NOT NULL,
    concurrency_key     TEXT,                  -- jobs with the same one share a limit; always with a space
    checkpoint          TEXT,                  -- JSON: what the handler wants to have when it goes on
    checkpoint_progress TEXT,                  -- JSON: how far it was at that moment
    stage               TEXT,
    progressed_at       INTEGER,
    stalled_since       INTEGER,               -- no progress for longer than its type finds normal
    parent_id           TEXT,                  -- the job that added it
    waits_for           INTEGER,               -- how many children have to end before it is ready
    awaited             INTEGER NOT NULL DEFAULT 0,  -- its parent waits for its end
    timeout             REAL,                  -- seconds that an attempt may run; null: as its type says
    owner               TEXT                   -- whose job it is, as who added it said; never the empty text
);

-- Claims read only these: history and far-future jobs cost them nothing. Each type has its own place in them, so a type
-- that has no capacity, or that nobody here knows, costs a claim nothing, however many of its jobs wait.
CREATE INDEX dayjob_job_ready       ON dayjob_job (type, priority DESC, seq, concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2;
CREATE INDEX dayjob_job_keyed       ON dayjob_job (type, concurrency_key, priority DESC, seq)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key IS NOT NULL;
CREATE INDEX dayjob_job_quarantined ON dayjob_job (type, priority DESC, seq, concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans >= 2;
CREATE INDEX dayjob_job_scheduled   ON dayjob_job (run_at) WHERE status = 'pending' AND ready = 0;
CREATE INDEX dayjob_job_running     ON dayjob_job (worker, type, concurrency_key) WHERE status = 'running';

-- What may be active only once, may be so once for each owner.
CREATE UNIQUE INDEX dayjob_job_unique ON dayjob_job (unique_key, coalesce(owner, ''))
    WHERE unique_key IS NOT NULL AND status IN ('pending', 'running');

-- What other processes changed; what lists, retention, statistics and families read, without going through history.
CREATE INDEX dayjob_job_rev    ON dayjob_job (rev);
CREATE INDEX dayjob_job_type   ON dayjob_job (type, status, seq);
CREATE INDEX dayjob_job_ended  ON dayjob_job (status, completed_at, type) WHERE completed_at IS NOT NULL;
CREATE INDEX dayjob_job_parent ON dayjob_job (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX dayjob_job_owner  ON dayjob_job (owner, status, seq, type, completed_at) WHERE owner IS NOT NULL;

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

-- How many jobs there are of each status: counted by the transaction that moves them, once for all that it moves.
CREATE TABLE dayjob_count (
    status TEXT PRIMARY KEY,
    jobs   INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO dayjob_count (status, jobs)
VALUES ('pending', 0), ('running', 0), ('completed', 0), ('failed', 0), ('cancelled', 0);

-- What jobs leave behind. `job` is dayjob_job.seq, which may be given out again once a job is pruned: all goes with it.
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

-- Attempts that ended; one that completed its job leaves nothing that the job does not tell.
CREATE TABLE dayjob_attempt (
    job        INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    worker     TEXT,
    started_at INTEGER,                        -- null: the handler was never called
    ended_at   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,                  -- the event that ended it (states.Event)
    error      TEXT,
    traceback  TEXT,
    PRIMARY KEY (job, attempt)
) WITHOUT ROWID;

CREATE TRIGGER dayjob_evidence_pruned AFTER DELETE ON dayjob_job
BEGIN
    DELETE FROM dayjob_log WHERE job = OLD.seq;
    DELETE FROM dayjob_log_total WHERE job = OLD.seq;
    DELETE FROM dayjob_attempt WHERE job = OLD.seq;
END;

-- What an idempotency key stands for, until it expires; also when the job itself is removed earlier.
CREATE TABLE dayjob_idempotency (
    scope      TEXT NOT NULL,                  -- who used the key: '' is this library's caller, 'http:...' a client
    key        TEXT NOT NULL,
    hash       TEXT NOT NULL,                  -- of the job's type, arguments and options
    job_id     TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX dayjob_idempotency_expiry ON dayjob_idempotency (expires_at);

CREATE TABLE dayjob_worker (
    id            TEXT PRIMARY KEY,
    host          TEXT NOT NULL,
    pid           INTEGER NOT NULL,
    slots         INTEGER NOT NULL,
    types         TEXT NOT NULL,               -- JSON: the names of the types that it can run
    version       TEXT NOT NULL,
    started_at    INTEGER NOT NULL,
    beat          INTEGER NOT NULL DEFAULT 0,  -- raised every two seconds; nobody compares clocks
    blocked_since INTEGER,                     -- its event loop has not answered since
    blocked_by    TEXT,                        -- JSON: the ids of the jobs that may be why
    stuck         INTEGER NOT NULL DEFAULT 0   -- handlers written off, still running
) WITHOUT ROWID;

CREATE TABLE dayjob_schedule (
    name        TEXT PRIMARY KEY,
    type        TEXT NOT NULL,
    expression  TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    args        TEXT NOT NULL,
    missed      TEXT NOT NULL,
    paused      INTEGER NOT NULL DEFAULT 0,
    next_run_at INTEGER NOT NULL,              -- the next occurrence: who moves it on adds the job
    last_run_at INTEGER,                       -- the last occurrence that ran
    last_job_id TEXT,
    error       TEXT                           -- why the occurrence that is due cannot be run; null once one could
) WITHOUT ROWID;

-- Which living processes declare a schedule, and so run it. One that nobody declares is an orphan.
CREATE TABLE dayjob_schedule_worker (
    schedule TEXT NOT NULL,
    worker   TEXT NOT NULL,
    PRIMARY KEY (schedule, worker)
) WITHOUT ROWID;
CREATE INDEX dayjob_schedule_worker_worker ON dayjob_schedule_worker (worker);

CREATE TRIGGER dayjob_schedule_worker_gone AFTER DELETE ON dayjob_worker
BEGIN
    DELETE FROM dayjob_schedule_worker WHERE worker = OLD.id;
END;
