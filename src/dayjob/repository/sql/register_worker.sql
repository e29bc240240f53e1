INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at)
VALUES (:id, :host, :pid, :slots, :types, :version, :started_at)
