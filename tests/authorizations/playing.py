"""The two ways to play an authorization: in the pure core, and through its workflow on a real Temporal server, with the
real activities, recorder and SQL. Both understand the same, so every scenario is told once."""

from collections.abc import Callable

from tests.domain.authorization.life import Life

Begin = Callable[..., Life]
