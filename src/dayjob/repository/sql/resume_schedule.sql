-- What was left out while it was paused was meant to be.
UPDATE dayjob_schedule SET paused = FALSE, next_run_at = :next_run_at WHERE name = :name
    AND (paused OR next_run_at > :next_run_at)  -- or sleeps until a time that a wrong clock has given it
