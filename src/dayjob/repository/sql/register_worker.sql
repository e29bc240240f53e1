INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at, beat)
VALUES (:id, :host, :pid, :slots, :types, :version, :started_at, :beat)
ON CONFLICT DO NOTHING  -- stored already, by a commit of which nobody heard
