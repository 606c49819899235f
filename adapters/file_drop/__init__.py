"""Failure files on their way to the merchant: how they are written, and how they get into the folder of a server."""
