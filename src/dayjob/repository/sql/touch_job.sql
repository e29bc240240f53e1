-- New log lines are a change that watchers in other processes have to hear of.
UPDATE dayjob_job SET rev = :rev
WHERE id = :id AND +status = 'running' AND +worker = :worker AND attempt = :attempt
RETURNING {JobRow}
