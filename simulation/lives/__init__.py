"""Described lives of authorizations: the file format, what came of a life, and how it is shown."""
