SELECT status, sum(jobs)::bigint FROM dayjob_count GROUP BY status
