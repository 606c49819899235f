"""Callbacks of payment providers: verify, store, answer; the relay works later."""
