UPDATE dayjob_job SET status = 'cancelled', cancel_requested_at = :now, completed_at = :now, rev = :rev,
    checkpoint = NULL, checkpoint_progress = NULL
WHERE id = :id AND status = 'pending'
RETURNING *
