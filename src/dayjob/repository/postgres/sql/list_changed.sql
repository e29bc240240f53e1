-- What is visible now and was not in the snapshot :since, in whatever order it was committed.
SELECT {JobRow} FROM dayjob_job
WHERE changed >= pg_snapshot_xmin(:since::pg_snapshot) AND NOT pg_visible_in_snapshot(changed, :since::pg_snapshot)
ORDER BY changed, rev
