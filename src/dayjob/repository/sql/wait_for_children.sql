-- A job that has just become pending stands in no line until its children have ended.
UPDATE dayjob_job SET ready = 2, waits_for = :waits_for, {stamp}
WHERE id = :id AND status = 'pending'
RETURNING {JobRow}
