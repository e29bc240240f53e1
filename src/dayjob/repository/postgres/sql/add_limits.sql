-- What `hold_limits` locks.
INSERT INTO dayjob_type_limit (type) SELECT unnest(:names::text[]) ON CONFLICT DO NOTHING
