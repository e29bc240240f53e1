-- Running jobs are only asked: their workers settle them when their code has stopped.
UPDATE dayjob_job SET cancel_requested_at = coalesce(cancel_requested_at, :now), {stamp}
WHERE id {in ids} AND {+}status = 'running'
RETURNING {JobRow}
