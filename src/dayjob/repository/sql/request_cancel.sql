-- A running job is only asked: its worker settles it when its code has stopped.
UPDATE dayjob_job SET cancel_requested_at = coalesce(cancel_requested_at, :now), rev = :rev
WHERE id = :id AND status = 'running'
RETURNING *
