SELECT status, jobs FROM dayjob_count
