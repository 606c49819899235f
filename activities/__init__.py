"""Thin effects: unpack a job, call one port, map the outcome. Everything outside is reached through `domain.ports`."""
