UPDATE dayjob_job
SET status = 'cancelled', cancel_requested_at = :now, completed_at = :now, waits_for = NULL, {stamp},
    checkpoint = NULL, checkpoint_progress = NULL
WHERE id {in ids} AND {+}status = 'pending'
RETURNING {JobRow}
