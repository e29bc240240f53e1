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
