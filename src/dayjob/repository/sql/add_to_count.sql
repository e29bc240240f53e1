-- How many jobs there are of a status changed; part of every transaction that moves jobs.
UPDATE dayjob_count SET jobs = jobs + :by WHERE status = :status
