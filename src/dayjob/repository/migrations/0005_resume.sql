-- Where an attempt stands, when it last got further, and where the next one goes on.

ALTER TABLE dayjob_job ADD COLUMN checkpoint TEXT;           -- JSON: what the handler wants to have when it goes on
ALTER TABLE dayjob_job ADD COLUMN checkpoint_progress TEXT;  -- JSON: how far it was at that moment
ALTER TABLE dayjob_job ADD COLUMN stage TEXT;
ALTER TABLE dayjob_job ADD COLUMN progressed_at INTEGER;
ALTER TABLE dayjob_job ADD COLUMN stalled_since INTEGER;     -- no progress for longer than its type finds normal
