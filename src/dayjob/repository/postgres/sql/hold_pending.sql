-- There is no row for what is counted.
SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' pending ' || name, 0))
FROM unnest(:names::text[]) AS waiting (name)
