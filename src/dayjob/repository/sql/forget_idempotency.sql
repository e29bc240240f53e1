-- A small batch: the writer has other things to do.
DELETE FROM dayjob_idempotency WHERE (scope, key) IN (
    SELECT scope, key FROM dayjob_idempotency {by dayjob_idempotency_expiry}
    WHERE expires_at <= :now
    LIMIT :most)
RETURNING 1
