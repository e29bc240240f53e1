-- Jobs of one type that two processes died under.
SELECT priority, seq, concurrency_key FROM dayjob_job {by dayjob_job_quarantined}
WHERE status = 'pending' AND ready = 1 AND orphans >= 2 AND type = :type
ORDER BY priority DESC, seq
LIMIT :limit
