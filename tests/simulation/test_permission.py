"""Production has no simulated clock."""

import pytest

from settings import Profile, Settings
from simulation.errors import SimulationRefused
from simulation.permission import require_simulation


def test_production_is_refused() -> None:
    """Production settings refuse simulation and say which setting allows it."""
    with pytest.raises(SimulationRefused, match=r"'production' does not allow.*HOLDFAST_PROFILE"):
        require_simulation(Settings(profile=Profile.PRODUCTION))


@pytest.mark.parametrize("profile", [Profile.EMBEDDED, Profile.FAST])
def test_the_others_are_allowed(profile: Profile) -> None:
    """Embedded and test settings allow it."""
    require_simulation(Settings(profile=profile))
