-- New log lines are a change that watchers in other processes have to hear of.
UPDATE dayjob_job SET {stamp}
WHERE id = :id AND {fence}
RETURNING {JobRow}
