-- First in a caller's transaction: it takes the write lock, so that nobody else gets this number.
UPDATE dayjob_meta SET value = value + 1 WHERE key = 'rev' RETURNING value
