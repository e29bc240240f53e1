DELETE FROM dayjob_schedule_worker WHERE schedule = :name AND worker = :worker
