"""Jobs in a schema of a PostgreSQL database. Only this package imports psycopg, and only what no other database has is
here."""
