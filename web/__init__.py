"""The edges over HTTP: parse, authenticate, send a message to a workflow, read tables. Decides nothing."""
