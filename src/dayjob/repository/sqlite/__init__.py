"""Jobs in a SQLite file. Only this package imports sqlite3, and only what no other database has is here."""
