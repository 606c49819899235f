"""The terms of an account: saved, changed, refused with every reason, and told from which version on."""

from typing import Any

import pytest

from administration.refusals import Refused
from domain.authorization.terms import AuthorizationTerms, Channel, HopeScope
from domain.parties import ProviderAccount
from domain.tenant_config import Language
from tests.administration.conftest import MAIL, House

ACCOUNT = "acme-stripe"


@pytest.fixture
def acme(house: House) -> House:
    house.services.tenants.save("acme", "Acme GmbH", Language.ENGLISH, by="kim")
    house.services.mail.save("acme", MAIL, by="kim", expected=0)
    for provider in ("stripe", "unzer"):
        house.directory.put_provider_account(
            ProviderAccount(f"acme-{provider}", "acme", provider, "https://provider.example"), by="kim"
        )
    return house


def refused(house: House, entered: dict[str, Any], **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        house.services.terms.save("acme", more.pop("account", ACCOUNT), entered, by="kim", **more)
    return caught.value


def test_a_change_is_a_version(acme: House) -> None:
    """The defaults are version 0 and speak the tenant's language; saying the same again changes nothing."""
    assert acme.services.terms.get("acme", ACCOUNT) == AuthorizationTerms(version=0, language=Language.ENGLISH)
    saved = acme.services.terms.save("acme", ACCOUNT, {"renew_after_days": 10}, by="kim", expected=0)
    assert (saved.changed, saved.terms.version, saved.terms.renew_after_days) == (True, 1, 10)
    again = acme.services.terms.save("acme", ACCOUNT, {"renew_after_days": 10}, by="kim")
    assert (again.changed, again.terms) == (False, saved.terms)
    assert [one.created_by for one in acme.services.terms.history("acme", ACCOUNT)] == ["kim"]
    assert acme.actions()[0] == "authorization_terms.put"
    assert refused(acme, {"split": False}, expected=0).code == "changed_meanwhile"


def test_what_is_left_out_takes_its_default_or_stays(acme: House) -> None:
    """As whoever saves wants it."""
    acme.services.terms.save("acme", ACCOUNT, {"renew_after_days": 10, "hope_run": True}, by="kim")
    kept = acme.services.terms.save("acme", ACCOUNT, {"max_age_days": 90}, by="kim", keeping=True).terms
    assert (kept.renew_after_days, kept.hope_run, kept.max_age_days) == (10, True, 90)
    anew = acme.services.terms.save("acme", ACCOUNT, {"max_age_days": 90}, by="kim").terms
    assert (anew.renew_after_days, anew.hope_run, anew.max_age_days) == (7, False, 90)
    assert anew.language is Language.ENGLISH


IMPOSSIBLE: list[tuple[dict[str, Any], list[str]]] = [
    ({"renew_after_days": 0}, ["renew_after_days"]),
    ({"renew_after_days": 14}, ["renew_after_days"]),
    ({"renew_after_days": "seven"}, ["renew_after_days"]),
    ({"max_age_days": 181}, ["max_age_days"]),
    ({"realtime": True, "channel": Channel.FILE}, ["channel"]),
    ({"realtime": True, "split": False}, ["realtime"]),
    ({"split": False, "hope_scope": HopeScope.RENEWAL_AND_SPLIT}, ["hope_scope"]),
    ({"wider_hope_reasons": ("never_again",)}, ["wider_hope_reasons"]),
    ({"colour": "red"}, ["colour"]),
    ({"renew_after_days": 14, "max_age_days": 0, "wider_hope_reasons": ("x",)},
     ["wider_hope_reasons", "renew_after_days", "max_age_days"]),
]  # fmt: skip


@pytest.mark.rule("R1", "R2", "R6")
@pytest.mark.parametrize(("entered", "blamed"), IMPOSSIBLE)
def test_every_reason_is_told_at_its_field(acme: House, entered: dict[str, Any], blamed: list[str]) -> None:
    """With what to do about it; nothing is saved, so nobody is told."""
    refusal = refused(acme, entered)
    assert [one.field for one in refusal.faults] == blamed
    assert all(one.message.endswith(".") and one.what_to_do.endswith(".") for one in refusal.faults)
    assert (refusal.code, refusal.message) == (f"invalid_{blamed[0]}", refusal.faults[0].message)
    assert acme.services.terms.history("acme", ACCOUNT) == ()


def test_an_unusual_interval_is_confirmed(acme: House) -> None:
    """By whoever knows why."""
    entered = {"renew_after_days": 14, "override_interval": True}
    assert acme.services.terms.save("acme", ACCOUNT, entered, by="kim").terms.renew_after_days == 14


def test_whose_terms(acme: House) -> None:
    """An account of the tenant, at a provider whose holds are renewed; and somebody who hears of changes."""
    assert refused(acme, {}, account="acme-unzer").code == "no_renewals"
    assert refused(acme, {}, account="none").code == "unknown_account"
    acme.services.tenants.save("rival", "Rival", Language.GERMAN, by="kim")
    for call in (acme.services.terms.get, acme.services.terms.history):
        with pytest.raises(Refused, match="no provider account"):
            call("rival", ACCOUNT)
    acme.directory.put_provider_account(ProviderAccount("rival-1", "rival", "stripe", "https://x.example"), by="kim")
    with pytest.raises(Refused) as caught:
        acme.services.terms.save("rival", "rival-1", {"split": False}, by="kim")
    assert caught.value.code == "mail_first"
