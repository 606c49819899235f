"""The providers that take part in the suite. To add one: a `House` with its `Stand`, and a row here."""

from collections.abc import Callable

from tests.contract.holds.paygate import PaygateHouse
from tests.contract.holds.stand import House
from tests.contract.holds.stripe_stand import StripeHouse

HOUSES: dict[str, Callable[[], House]] = {"paygate": PaygateHouse, "stripe": StripeHouse}
