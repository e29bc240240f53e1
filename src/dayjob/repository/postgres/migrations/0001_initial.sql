-- Times are microseconds since 1970 in UTC; JSON is text. `rev` counts the changes of a job; `changed` is the transaction
-- of the last one, by which other processes find it. Texts are compared by their bytes, as everywhere in dayjob.

CREATE TABLE dayjob_job (
    seq                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- order of arrival: what lists are sorted by
    id                  text COLLATE "C" NOT NULL UNIQUE,
    type                text COLLATE "C" NOT NULL,
    status              text COLLATE "C" NOT NULL
        CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    args                text NOT NULL,
    priority            integer NOT NULL,
    run_at              bigint NOT NULL,
    ready               integer NOT NULL,      -- 0 while run_at is in the future, 2 while it waits for children
    unique_key          text COLLATE "C",
    attempt             integer NOT NULL DEFAULT 0,
    failures            integer NOT NULL DEFAULT 0,
    orphans             integer NOT NULL DEFAULT 0,  -- processes that died under it; from two on it is quarantined
    max_attempts        integer NOT NULL,
    worker              text COLLATE "C",      -- the process that runs it, or ran it last
    cancel_requested_at bigint,
    processed_items     bigint NOT NULL DEFAULT 0,
    total_items         bigint,
    progress            integer NOT NULL DEFAULT 0,
    message             text,
    result              text,
    error               text,
    created_at          bigint NOT NULL,
    started_at          bigint,
    completed_at        bigint,
    rev                 bigint NOT NULL DEFAULT 1,
    changed             xid8 NOT NULL DEFAULT pg_current_xact_id(),
    concurrency_key     text COLLATE "C",      -- jobs with the same one share a limit; always with a space
    checkpoint          text,                  -- JSON: what the handler wants to have when it goes on
    checkpoint_progress text,                  -- JSON: how far it was at that moment
    stage               text,
    progressed_at       bigint,
    stalled_since       bigint,                -- no progress for longer than its type finds normal
    parent_id           text COLLATE "C",      -- the job that added it
    waits_for           bigint,                -- how many children have to end before it is ready
    awaited             integer NOT NULL DEFAULT 0,  -- its parent waits for its end
    timeout             float8,                -- seconds that an attempt may run; null: as its type says
    owner               text COLLATE "C"       -- whose job it is, as who added it said; never the empty text
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Claims read only these: history and far-future jobs cost them nothing. Each type has its own place in them, so a type
-- that has no capacity, or that nobody here knows, costs a claim nothing, however many of its jobs wait.
CREATE INDEX dayjob_job_ready       ON dayjob_job (type, priority DESC, seq) INCLUDE (concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2;
CREATE INDEX dayjob_job_keyed       ON dayjob_job (type, concurrency_key, priority DESC, seq)
    WHERE status = 'pending' AND ready = 1 AND orphans < 2 AND concurrency_key IS NOT NULL;
CREATE INDEX dayjob_job_quarantined ON dayjob_job (type, priority DESC, seq) INCLUDE (concurrency_key)
    WHERE status = 'pending' AND ready = 1 AND orphans >= 2;
CREATE INDEX dayjob_job_scheduled   ON dayjob_job (run_at) WHERE status = 'pending' AND ready = 0;
CREATE INDEX dayjob_job_running     ON dayjob_job (worker, type, concurrency_key) WHERE status = 'running';

-- What may be active only once, may be so once for each owner.
CREATE UNIQUE INDEX dayjob_job_unique ON dayjob_job (unique_key, coalesce(owner, ''))
    WHERE unique_key IS NOT NULL AND status IN ('pending', 'running');

-- What other processes changed; what lists, retention, statistics and families read, without going through history.
CREATE INDEX dayjob_job_changed ON dayjob_job (changed);
CREATE INDEX dayjob_job_type    ON dayjob_job (type, status, seq);
CREATE INDEX dayjob_job_ended   ON dayjob_job (status, completed_at, type) WHERE completed_at IS NOT NULL;
CREATE INDEX dayjob_job_parent  ON dayjob_job (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX dayjob_job_owner   ON dayjob_job (owner, status, seq) INCLUDE (type, completed_at) WHERE owner IS NOT NULL;

CREATE FUNCTION dayjob_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'illegal change of job %', OLD.id USING ERRCODE = 'check_violation';
END $$;

-- A job that has ended is immutable, and others move from status to status as they may.
CREATE TRIGGER dayjob_job_guard BEFORE UPDATE ON dayjob_job FOR EACH ROW WHEN (
    OLD.status IN ('completed', 'failed', 'cancelled')
    OR (NEW.status IS DISTINCT FROM OLD.status
        AND NOT (OLD.status = 'running' OR NEW.status IN ('running', 'cancelled'))))
EXECUTE FUNCTION dayjob_refuse();

-- How many jobs there are of each status: the sum over the slots, of which each server process writes one.
CREATE TABLE dayjob_count (
    slot   integer,
    status text COLLATE "C",
    jobs   bigint NOT NULL,
    PRIMARY KEY (slot, status)
) WITH (fillfactor = 20);
INSERT INTO dayjob_count (slot, status, jobs)
SELECT slot, status, 0 FROM generate_series(0, 15) AS slot,
    unnest(ARRAY['pending', 'running', 'completed', 'failed', 'cancelled']) AS status;

-- Who claims jobs of a type with a limit locks its row: what runs is counted and then claimed by one at a time.
CREATE TABLE dayjob_type_limit (
    type text COLLATE "C" PRIMARY KEY
);

-- What jobs leave behind; it goes with them.
CREATE TABLE dayjob_log (
    job     bigint NOT NULL REFERENCES dayjob_job ON DELETE CASCADE,
    seq     bigint NOT NULL,                   -- rises by one a line; a gap stands for lines that were dropped
    attempt integer NOT NULL,
    at      bigint NOT NULL,
    level   text NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (job, seq)
);

CREATE TABLE dayjob_log_total (
    job   bigint PRIMARY KEY REFERENCES dayjob_job ON DELETE CASCADE,
    seq   bigint NOT NULL,                     -- the last number that was given out
    lines bigint NOT NULL,                     -- what is kept
    bytes bigint NOT NULL
) WITH (fillfactor = 70);

-- Attempts that ended; one that completed its job leaves nothing that the job does not tell.
CREATE TABLE dayjob_attempt (
    job        bigint NOT NULL REFERENCES dayjob_job ON DELETE CASCADE,
    attempt    integer NOT NULL,
    worker     text,
    started_at bigint,                         -- null: the handler was never called
    ended_at   bigint NOT NULL,
    outcome    text NOT NULL,                  -- the event that ended it (states.Event)
    error      text,
    traceback  text,
    PRIMARY KEY (job, attempt)
);

-- What an idempotency key stands for, until it expires; also when the job itself is removed earlier.
CREATE TABLE dayjob_idempotency (
    scope      text COLLATE "C" NOT NULL,      -- who used the key: '' is this library's caller, 'http:...' a client
    key        text COLLATE "C" NOT NULL,
    hash       text NOT NULL,                  -- of the job's type, arguments and options
    job_id     text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX dayjob_idempotency_expiry ON dayjob_idempotency (expires_at);

CREATE TABLE dayjob_worker (
    id            text COLLATE "C" PRIMARY KEY,
    host          text NOT NULL,
    pid           bigint NOT NULL,
    slots         integer NOT NULL,
    types         text NOT NULL,               -- JSON: the names of the types that it can run
    version       text NOT NULL,
    started_at    bigint NOT NULL,
    beat          bigint NOT NULL DEFAULT 0,   -- raised every two seconds; nobody compares clocks
    blocked_since bigint,                      -- its event loop has not answered since
    blocked_by    text,                        -- JSON: the ids of the jobs that may be why
    stuck         integer NOT NULL DEFAULT 0   -- handlers written off, still running
) WITH (fillfactor = 20);

CREATE TABLE dayjob_schedule (
    name        text COLLATE "C" PRIMARY KEY,
    type        text NOT NULL,
    expression  text NOT NULL,
    time_zone   text NOT NULL,
    args        text NOT NULL,
    missed      text NOT NULL,
    paused      boolean NOT NULL DEFAULT false,
    next_run_at bigint NOT NULL,               -- the next occurrence: who moves it on adds the job
    last_run_at bigint,                        -- the last occurrence that ran
    last_job_id text,
    error       text                           -- why the occurrence that is due cannot be run; null once one could
) WITH (fillfactor = 50);

-- Which living processes declare a schedule, and so run it. One that nobody declares is an orphan.
CREATE TABLE dayjob_schedule_worker (
    schedule text COLLATE "C" NOT NULL,
    worker   text COLLATE "C" NOT NULL REFERENCES dayjob_worker ON DELETE CASCADE,
    PRIMARY KEY (schedule, worker)
);
CREATE INDEX dayjob_schedule_worker_worker ON dayjob_schedule_worker (worker);
