"""Decisions and values: standard library only, no clock, no I/O, no logging, no Temporal."""
