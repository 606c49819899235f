"""What Holdfast keeps: tables, queries and migrations, the same on SQLite and on PostgreSQL."""
