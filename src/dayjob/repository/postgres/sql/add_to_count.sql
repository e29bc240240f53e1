-- How many jobs there are of a status changed. Each server process has one of 16 rows, so that few wait for each other.
UPDATE dayjob_count SET jobs = jobs + :by WHERE slot = pg_backend_pid() % 16 AND status = :status
