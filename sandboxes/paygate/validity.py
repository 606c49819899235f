"""How long a hold is good for, by card scheme and by who asked for it. Elapsed time, not calendar days."""

from datetime import timedelta

from sandboxes.paygate.settings import MerchantSettings

CUSTOMER, MERCHANT = "customer", "merchant"
OTHERWISE = 7.0
PRE_AUTHORIZED = 30.0
DAYS = {
    "VISA/customer": 7.0,  # the scheme says ten, providers count on seven
    "VISA/merchant": 5.0,
    "MasterCard/customer": 7.0,
    "MasterCard/merchant": 7.0,
    "AMEX/customer": 7.0,
    "AMEX/merchant": 7.0,
    "DINERS/customer": 7.0,
    "DINERS/merchant": 7.0,
    "Discover/customer": 7.0,
    "Discover/merchant": 7.0,
    "CBN/customer": 12.0,
    "CBN/merchant": 12.0,
}


def validity(settings: MerchantSettings, brand: str, initiator: str) -> timedelta:
    """The span of a hold. A merchant's `validity_days` has keys `VISA/merchant`, or `VISA` for both initiators."""
    own = settings.validity_days
    for key in (f"{brand}/{initiator}", brand):
        if key in own:
            return timedelta(days=own[key])
    if settings.pre_authorization and brand == "MasterCard":
        return timedelta(days=PRE_AUTHORIZED)
    return timedelta(days=DAYS.get(f"{brand}/{initiator}", OTHERWISE))
