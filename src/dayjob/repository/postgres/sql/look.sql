-- The snapshot of now, and whether others (:own are our transactions) have changed jobs since the one before.
SELECT pg_current_snapshot()::text, EXISTS (
    SELECT 1 FROM dayjob_job
    WHERE changed >= pg_snapshot_xmin(:since::pg_snapshot) AND NOT pg_visible_in_snapshot(changed, :since::pg_snapshot)
      AND changed != ALL(:own::xid8[]))
