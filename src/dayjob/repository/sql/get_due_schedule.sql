-- A row only if the occurrence was not run yet, by whomever, and the schedule is still the one that the caller read.
SELECT 1 FROM dayjob_schedule
WHERE name = :name AND next_run_at = :planned AND NOT paused
  AND (type, expression, time_zone, args, missed) = (:type, :expression, :time_zone, :args, :missed)
