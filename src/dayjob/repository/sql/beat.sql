-- This process is alive, and this is how it is.
UPDATE dayjob_worker SET beat = beat + 1, blocked_since = :blocked_since, blocked_by = :blocked_by, stuck = :stuck
WHERE id = :id
