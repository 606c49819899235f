"""A mailbox that takes every mail over SMTP and shows it over HTTP."""
