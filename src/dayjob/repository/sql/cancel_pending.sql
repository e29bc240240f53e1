UPDATE dayjob_job SET status = 'cancelled', cancel_requested_at = :now, completed_at = :now, rev = :rev
WHERE id = :id AND status = 'pending'
RETURNING *
