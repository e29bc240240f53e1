UPDATE dayjob_schedule SET error = :error WHERE name = :name AND next_run_at = :planned
