DELETE FROM dayjob_schedule
WHERE name = :name AND NOT EXISTS (SELECT 1 FROM dayjob_schedule_worker WHERE schedule = :name)
