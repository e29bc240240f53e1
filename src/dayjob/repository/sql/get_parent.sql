-- A running attempt that wants to add a child; no row if it lost its right to the job.
SELECT cancel_requested_at, owner FROM dayjob_job
WHERE id = :id AND {fence}
