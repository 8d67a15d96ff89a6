"""The journal: the controller's own SQL, SQLite or PostgreSQL."""
