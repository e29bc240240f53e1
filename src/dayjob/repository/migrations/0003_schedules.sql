CREATE TABLE dayjob_schedule (
    name        TEXT PRIMARY KEY,
    type        TEXT NOT NULL,
    expression  TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    args        TEXT NOT NULL,
    missed      TEXT NOT NULL,
    paused      INTEGER NOT NULL DEFAULT 0,
    next_run_at INTEGER NOT NULL,              -- the tick that comes next: who moves it on adds the job
    last_tick   INTEGER,
    last_job_id TEXT
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
