-- Whether there is a ready job at all that two processes died under: hardly ever.
SELECT 1 FROM dayjob_job {by dayjob_job_quarantined} WHERE status = 'pending' AND ready = 1 AND orphans >= 2 LIMIT 1
