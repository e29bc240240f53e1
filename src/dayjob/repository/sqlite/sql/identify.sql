-- A number that no other database has; a backup has that of its original.
INSERT INTO dayjob_meta (key, value) VALUES ('id', abs(random())) ON CONFLICT DO NOTHING
