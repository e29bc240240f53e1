-- Where the lines of a running attempt go; no row if the attempt lost its right to the job.
SELECT dayjob_job.seq, coalesce(total.seq, 0), coalesce(lines, 0), coalesce(bytes, 0)
FROM dayjob_job LEFT JOIN dayjob_log_total AS total ON total.job = dayjob_job.seq
WHERE id = :id AND {fence}
