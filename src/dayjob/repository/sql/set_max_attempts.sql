-- A job was added by who did not know its type: it gets what the type says.
UPDATE dayjob_job SET max_attempts = :max_attempts WHERE seq = :seq
