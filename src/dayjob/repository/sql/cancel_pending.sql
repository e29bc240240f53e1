UPDATE dayjob_job
SET status = 'cancelled', cancel_requested_at = :now, completed_at = :now, waits_for = NULL, rev = :rev,
    checkpoint = NULL, checkpoint_progress = NULL
WHERE id IN (SELECT value FROM json_each(:ids)) AND +status = 'pending'
RETURNING {JobRow}
