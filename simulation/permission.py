"""Who may simulate a clock: never a production system."""

from settings import Settings
from simulation.errors import SimulationRefused


def require_simulation(settings: Settings) -> None:
    """Raises `SimulationRefused` unless the settings allow simulated tenants."""
    if not settings.simulation_allowed:
        raise SimulationRefused(
            f"the profile {settings.profile.value!r} does not allow simulated clocks: set HOLDFAST_PROFILE=embedded"
        )
