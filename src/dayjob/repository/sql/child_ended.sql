-- One child less to wait for; after the last one the job stands where it stood in the line.
UPDATE dayjob_job
SET waits_for = nullif(waits_for - 1, 0), ready = CASE waits_for WHEN 1 THEN 1 ELSE ready END, {stamp}
WHERE id = :parent AND status = 'pending' AND waits_for IS NOT NULL
RETURNING {JobRow}
