SELECT job_id, hash FROM dayjob_idempotency WHERE scope = :scope AND key = :key AND expires_at > :now
