SELECT type, completed_at / :period AS period, count(*) FROM dayjob_job {by dayjob_job_owner}
WHERE owner = :owner AND status = :status AND completed_at >= :since
GROUP BY type, period
