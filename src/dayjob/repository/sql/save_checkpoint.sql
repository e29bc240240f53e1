-- Where the next attempt goes on, and how far this one is at that moment: both, or neither.
UPDATE dayjob_job
SET checkpoint = :checkpoint, checkpoint_progress = :checkpoint_progress, started_at = :started_at,
    processed_items = :processed_items, total_items = :total_items, progress = :progress, message = :message,
    stage = :stage, progressed_at = :progressed_at, stalled_since = :stalled_since, {stamp}
WHERE id = :id AND {fence}
RETURNING {JobRow}
