-- The attempts of a job that ended, newest first. The one that completed it has no row of its own.
SELECT attempt, worker, started_at, completed_at AS ended_at, 'complete' AS outcome, NULL AS error, NULL AS traceback
FROM dayjob_job WHERE id = :id AND status = 'completed'
UNION ALL
SELECT * FROM (
    SELECT attempt, worker, started_at, ended_at, outcome, error, traceback
    FROM dayjob_attempt WHERE job = (SELECT seq FROM dayjob_job WHERE id = :id)
    ORDER BY attempt DESC LIMIT :limit) AS ended
