"""Accounts at providers whose holds are renewed: proven before they are saved, secrets apart, refused with reasons."""

from dataclasses import replace
from typing import Any

import pytest

from administration.hold_accounts import WantedAccount, signing_ref
from administration.refusals import Refused
from domain.parties import Tenant
from domain.setup import AccessVerdict
from domain.tenant_config import Language
from tests.administration.conftest import House

STRIPE = WantedAccount("stripe", "sk_test_right")
PAYGATE = WantedAccount("computop", "sixteen-letters!", "", "Acme", "aes", "sign-with-this")


@pytest.fixture
def acme(house: House) -> House:
    house.services.tenants.save("acme", "Acme GmbH", Language.ENGLISH, by="kim")
    return house


def refused(house: House, wanted: WantedAccount, account: str = "cards", **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        house.services.hold_accounts.save(more.pop("tenant", "acme"), account, wanted, by="kim", **more)
    return caught.value


def test_an_account_is_proven_and_saved_with_its_secrets_apart(acme: House) -> None:
    """The provider is asked first; nothing that is kept, shown or told has a secret in it."""
    saved = acme.services.hold_accounts.save("acme", "cards", PAYGATE, by="kim", expected=0)
    found = saved.account
    assert (found.public_key, found.options, found.base_url) == ("Acme", {"cipher": "aes"}, "https://computop.example")
    assert acme.secrets.get(found.secret_ref) == "sixteen-letters!"
    assert acme.secrets.get(signing_ref(found.secret_ref)) == "sign-with-this"
    assert (saved.changed, found.revision, len(acme.access.asked)) == (True, 1, 1)
    told = f"{found!r} {acme.trail.entries()} {PAYGATE!r} {acme.access.asked!r}"
    assert "sixteen" not in told
    assert "sign-with" not in told
    assert acme.services.hold_accounts.all("acme") == (found,)


def test_a_change_keeps_what_is_left_out(acme: House) -> None:
    """Counted, and refused from an outdated version; the same again is no change."""
    acme.services.hold_accounts.save("acme", "cards", PAYGATE, by="kim", expected=0)
    again = acme.services.hold_accounts.save("acme", "cards", WantedAccount("computop"), by="kim")
    assert (again.changed, again.account.revision) == (False, 1)
    other = acme.services.hold_accounts.save("acme", "cards", WantedAccount("computop", "4to56"), by="kim", expected=1)
    assert (other.changed, other.account.revision, acme.access.asked[-1].signing) == (True, 2, "sign-with-this")
    assert acme.secrets.get(other.account.secret_ref) == "4to56"
    assert refused(acme, WantedAccount("computop", "another"), expected=1).code == "changed_meanwhile"
    assert acme.services.hold_accounts.save("acme", "cards", WantedAccount("computop"), by="kim").changed is False


def test_a_kept_secret_goes_nowhere_else(acme: House) -> None:
    """Not to another address, and an account never becomes another merchant's or provider's."""
    acme.services.hold_accounts.save("acme", "cards", PAYGATE, by="kim")
    moved = WantedAccount("computop", base_url="https://evil.example")
    assert refused(acme, moved).code == "invalid_secret"
    assert len(acme.access.asked) == 1
    assert refused(acme, replace(PAYGATE, merchant_id="Other")).code == "account_exists"
    assert refused(acme, STRIPE).code == "account_exists"


FAULTS = {
    AccessVerdict.PUBLIC_AS_SECRET: "invalid_secret",
    AccessVerdict.SECRET_MALFORMED: "invalid_secret",
    AccessVerdict.REFUSED: "invalid_secret",
    AccessVerdict.LACKS_RIGHTS: "invalid_secret",
    AccessVerdict.WRONG_ADDRESS: "invalid_base_url",
    AccessVerdict.ID_MALFORMED: "invalid_merchant_id",
    AccessVerdict.SIGNING_MALFORMED: "invalid_signing_secret",
}


@pytest.mark.parametrize("verdict", [one for one in AccessVerdict if one is not AccessVerdict.PROVEN])
def test_what_is_not_accepted_is_not_saved(acme: House, verdict: AccessVerdict) -> None:
    """With what to do about it, at its field."""
    acme.access.verdict = verdict
    refusal = refused(acme, STRIPE)
    assert refusal.code == FAULTS[verdict]
    assert "sk_test" not in str(refusal)
    assert acme.services.hold_accounts.all("acme") == ()


def test_what_cannot_be_an_account(acme: House) -> None:
    """Nothing is asked of a provider that is away, unknown, or about real money for a simulated tenant."""
    acme.access.down = True
    assert refused(acme, STRIPE).code == "provider_unreachable"
    acme.access.down = False
    assert refused(acme, WantedAccount("stripe")).code == "invalid_secret"
    assert refused(acme, WantedAccount("unzer", "s-priv-x")).code == "invalid_provider"
    for account in ("", "a/b", "ü", "x" * 101):
        assert refused(acme, STRIPE, account).code == "invalid_account"
    acme.directory.put_tenant(Tenant("demo", "Demo", simulated=True), by="kim")
    assert "simulated" in refused(acme, WantedAccount("stripe", "sk_live_x"), tenant="demo").message
    acme.services.hold_accounts.save("acme", "cards", STRIPE, by="kim")
    assert refused(acme, STRIPE, tenant="demo").code == "invalid_account"
    with pytest.raises(Refused, match="no provider account"):
        acme.services.hold_accounts.get("demo", "cards")


def test_it_is_verified_again(acme: House) -> None:
    """With what is kept; the trail has it."""
    acme.services.hold_accounts.save("acme", "cards", STRIPE, by="kim")
    acme.services.hold_accounts.verify("acme", "cards", by="kim")
    assert acme.access.asked[-1].secret == "sk_test_right"
    assert acme.actions()[0] == "provider_account.verified"
    acme.access.verdict = AccessVerdict.REFUSED
    with pytest.raises(Refused, match="does not accept"):
        acme.services.hold_accounts.verify("acme", "cards", by="kim")


def test_an_account_for_tests_in_production_is_told(acme: House) -> None:
    """It may be meant; who saves it should know."""
    acme.live = True
    hints = acme.services.hold_accounts.save("acme", "cards", STRIPE, by="kim").hints
    assert [one.code for one in hints] == ["not_live"]
    live = acme.services.hold_accounts.save("acme", "real", WantedAccount("stripe", "sk_live_x"), by="kim")
    assert live.hints == ()
