-- How long an attempt of this job may run, in seconds, whatever its type says; null: as its type says.
ALTER TABLE dayjob_job ADD COLUMN timeout REAL;
