-- What was left out while it was paused was meant to be.
UPDATE dayjob_schedule SET paused = 0, next_run_at = :next_run_at WHERE name = :name AND paused
