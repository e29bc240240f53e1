SELECT type, completed_at / :period AS period, count(*) FROM dayjob_job {by dayjob_job_ended}
WHERE status = :status AND completed_at >= :since AND completed_at IS NOT NULL
GROUP BY type, period
