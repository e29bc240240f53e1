-- A schedule as its code wants it now. Whoever paused it meant it; and an occurrence that is due already stays due.
INSERT INTO dayjob_schedule AS now (name, type, expression, time_zone, args, missed, next_run_at)
VALUES (:name, :type, :expression, :time_zone, :args, :missed, :next_run_at)
ON CONFLICT (name) DO UPDATE
SET next_run_at = CASE WHEN (now.expression, now.time_zone) = (excluded.expression, excluded.time_zone)
                       THEN least(now.next_run_at, excluded.next_run_at) ELSE excluded.next_run_at END,
    type = excluded.type, expression = excluded.expression, time_zone = excluded.time_zone,
    args = excluded.args, missed = excluded.missed, error = NULL
WHERE (now.type, now.expression, now.time_zone, now.args, now.missed)
   != (excluded.type, excluded.expression, excluded.time_zone, excluded.args, excluded.missed)
    OR now.next_run_at > excluded.next_run_at  -- by a clock that was ahead
