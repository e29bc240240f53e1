UPDATE dayjob_schedule SET paused = 1 WHERE name = :name
