-- A row that is there has expired: `get_idempotency` came first, in the same transaction.
INSERT OR REPLACE INTO dayjob_idempotency (scope, key, hash, job_id, expires_at)
VALUES (:scope, :key, :hash, :job_id, :expires_at)
