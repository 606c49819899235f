"""Server-rendered pages that show orders as they are. They change nothing and need no login, so never in production."""
