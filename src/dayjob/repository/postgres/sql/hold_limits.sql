SELECT type FROM dayjob_type_limit WHERE type = ANY(:names::text[]) ORDER BY type FOR UPDATE
