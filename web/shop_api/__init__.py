"""The API for shops and their servers: read orders, and tell them that something happened."""
