UPDATE dayjob_schedule SET paused = TRUE WHERE name = :name
