SELECT 1 FROM dayjob_schedule WHERE name = ANY(:names::text[]) ORDER BY name FOR UPDATE
