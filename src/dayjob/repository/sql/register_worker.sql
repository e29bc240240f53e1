INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at, beat)
VALUES (:id, :host, :pid, :slots, :types, :version, :started_at, :beat)
ON CONFLICT (id) DO UPDATE SET types = excluded.types  -- it is there already, and may have learnt more types
