SELECT attempt, worker, started_at, ended_at, outcome, error, traceback
FROM dayjob_attempt WHERE job = (SELECT seq FROM dayjob_job WHERE id = :id)
ORDER BY attempt DESC LIMIT :limit
