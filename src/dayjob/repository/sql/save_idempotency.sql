-- A row that is there has expired: `get_idempotency` came first, in the same transaction.
INSERT INTO dayjob_idempotency (scope, key, hash, job_id, expires_at)
VALUES (:scope, :key, :hash, :job_id, :expires_at)
ON CONFLICT (scope, key) DO UPDATE SET hash = excluded.hash, job_id = excluded.job_id, expires_at = excluded.expires_at
