"""What can go wrong while a clock is simulated."""


class SimulationError(Exception):
    """Base of the simulation's errors; the text is one sentence for a person."""


class SimulationRefused(SimulationError):
    """The settings or the tenant do not allow a simulated clock."""


class Stuck(SimulationError):
    """A simulated tenant does not come to rest; the text names the workflow and what it waits for."""


class ClockAstray(SimulationError):
    """A workflow's clock stands where it must not stand."""


class ServerFailed(SimulationError):
    """The embedded Temporal server cannot be started or has ended."""
