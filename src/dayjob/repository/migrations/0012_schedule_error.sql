-- Why the tick that is due cannot be run; NULL once one could.
ALTER TABLE dayjob_schedule ADD COLUMN error TEXT;
