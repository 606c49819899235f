"""Configurations: what has to be there first, what is checked on saving, copies, versions, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from administration.accounts import callback_ref
from administration.connections import WantedConnection
from administration.fields import Changes, tolerance
from administration.places import Place
from administration.refusals import Refused, Why
from domain.parties import ProviderAccount, Tenant
from domain.setup import MailVerdict, PaymentType, Sign
from domain.tenant_config import AppMode, Language
from storage.tables import orders
from tests.administration.conftest import CARD, CONNECTION, MAIL, NIGHT, PLACE, House
from tests.administration.fakes import OTHER_PRIVATE, OTHER_PUBLIC, PRIVATE, PUBLIC


@pytest.fixture
def acme(house: House) -> House:
    """A tenant with a connection and a mail account."""
    return house.ready()


def _create(house: House, place: Place = PLACE, changes: Changes = CARD, **more: Any) -> str:
    return house.services.configurations.create("acme", place, changes, by="kim", **more).view.configuration.id


def _refused(call: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def test_a_configuration_decides_on_orders_as_soon_as_it_is_saved(acme: House) -> None:
    """Its keys have become a provider account with a callback token, and new orders freeze what was entered."""
    saved = acme.services.configurations.create("acme", PLACE, CARD, by="kim")
    config = acme.directory.order_config("acme", "pixi", "DEM", "K")
    assert config == saved.view.configuration.config
    assert (config.version, config.mode, config.tolerance_minor, config.language) == (
        1,
        AppMode.EXPERT,
        1,
        Language.GERMAN,
    )
    account = acme.directory.provider_account(config.provider_account)
    assert account is not None
    assert (account.public_key, acme.secrets.get(account.secret_ref)) == (PUBLIC, PRIVATE)
    assert acme.directory.account_by_callback_token(acme.secrets.get(callback_ref(account.id))) == account
    assert saved.view.in_force


def test_connection_and_mail_account_come_first(house: House) -> None:
    """In this order, each refusal saying what is missing."""
    house.services.tenants.save("acme", "Acme GmbH", Language.GERMAN, by="kim")
    assert _refused(lambda: _create(house)).code == "unknown_connection"
    house.services.connections.save("acme", CONNECTION, by="kim")
    assert _refused(lambda: _create(house)).code == "mail_first"
    house.services.mail.save("acme", MAIL, by="kim")
    assert _create(house)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"xml_tag": "Über<>"}, "invalid_xml_tag"),
        ({"xml_tag": "<UZCARD>"}, "invalid_xml_tag"),
        ({"xml_tag": ""}, "invalid_xml_tag"),
        ({"invoice_event": "UZEX"}, "invalid_invoice_event"),
        ({"return_event": ""}, "invalid_return_event"),
        ({"return_event": "U R"}, "invalid_return_event"),
        ({"return_event": "uze"}, "invalid_return_event"),
        ({"tolerance_minor": -1}, "invalid_tolerance_minor"),
        ({"tolerance_minor": 1_001}, "invalid_tolerance_minor"),
        ({"tolerance_minor": 2.5}, "invalid_tolerance_minor"),
        ({"tolerance_minor": True}, "invalid_tolerance_minor"),
        ({"mode": None}, "invalid_mode"),
        ({"private_key": None}, "invalid_private_key"),
        ({"private_key": "s-pub-1"}, "invalid_private_key"),
        ({"private_key": OTHER_PRIVATE}, "invalid_private_key"),
        ({"private_key": "s-priv-nobody"}, "invalid_private_key"),
        ({"provider_url": "https://live.example"}, "invalid_provider_url"),
    ],
)
def test_wrong_fields_are_named_and_nothing_is_saved(acme: House, changes: dict[str, Any], code: str) -> None:
    """The refusal names the field and says what to do; neither configuration nor account exists."""
    lines = acme.actions()
    refusal = _refused(lambda: _create(acme, changes=replace(CARD, **changes)))
    assert (refusal.why, refusal.code) == (Why.INVALID, code)
    assert refusal.what_to_do
    assert (acme.services.configurations.all("acme"), acme.directory.provider_accounts("acme")) == ((), ())
    assert acme.actions() == lines


@pytest.mark.parametrize("text", ["2.5", "-1", "", "1e2", "²", "9" * 10])
def test_a_typed_tolerance_is_a_whole_number(text: str) -> None:
    """Half a cent does not exist."""
    assert _refused(lambda: tolerance(text)).code == "invalid_tolerance_minor"
    assert tolerance(" 25 ") == 25


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Place("pixi", "XXX", "K"), "invalid_shop_id"),
        (Place("pixi", "DEM", "Z"), "invalid_payment_code"),
        (Place("nothing", "DEM", "K"), "unknown_connection"),
    ],
)
def test_only_what_the_erp_offers_can_be_configured(acme: House, place: Place, code: str) -> None:
    """The refusal lists what there is."""
    refusal = _refused(lambda: _create(acme, place))
    assert refusal.code == code
    if code == "invalid_payment_code":
        assert "K (Karte), V (Vorkasse)" in refusal.message


def test_creating_the_same_again_is_fine_and_something_else_is_not(acme: House) -> None:
    """A repeated request changes nothing; another configuration of the same place is refused, also of one that is
    switched off."""
    first = _create(acme)
    lines = acme.actions()
    again = acme.services.configurations.create("acme", replace(PLACE, shop_id="dem"), CARD, by="kim")
    assert (again.view.configuration.id, again.changed, acme.actions()) == (first, False, lines)
    assert _refused(lambda: _create(acme, changes=replace(CARD, tolerance_minor=5))).code == "configuration_exists"
    acme.services.configurations.set_active("acme", first, False, by="kim")
    assert "switched off" in _refused(lambda: _create(acme)).message


def test_configurations_with_the_same_keys_share_an_account(acme: House) -> None:
    """The second one needs only the public key; a new private key counts for both."""
    _create(acme)
    _create(acme, replace(PLACE, payment_code="V"), replace(CARD, private_key=None))
    (account,) = acme.directory.provider_accounts("acme")
    other = _create(acme, Place("pixi", "TWO", "K"), replace(CARD, public_key=OTHER_PUBLIC, private_key=OTHER_PRIVATE))
    assert len(acme.directory.provider_accounts("acme")) == 2
    acme.keys.pairs["s-priv-renewed"] = PUBLIC
    first = acme.services.configurations.all("acme")[0].configuration.id
    acme.services.configurations.edit("acme", first, Changes(private_key="s-priv-renewed"), by="kim")
    assert acme.secrets.get(account.secret_ref) == "s-priv-renewed"
    assert acme.services.configurations.get("acme", first).configuration.config.version == 1
    assert acme.services.configurations.get("acme", other).fields.public_key == OTHER_PUBLIC


def test_another_key_pair_is_another_account_for_new_orders_only(acme: House) -> None:
    """The version that open orders keep goes on naming the old account, whose key is still there."""
    found = _create(acme)
    changes = Changes(public_key=OTHER_PUBLIC, private_key=OTHER_PRIVATE)
    acme.services.configurations.edit("acme", found, changes, by="kim")
    old, new = (
        one.configuration.config.provider_account for one in acme.services.configurations.history("acme", found)
    )
    assert old != new
    account = acme.directory.provider_account(old)
    assert account is not None
    assert acme.secrets.get(account.secret_ref) == PRIVATE
    missing = _refused(
        lambda: acme.services.configurations.edit("acme", found, Changes(public_key="s-pub-3"), by="kim")
    )
    assert missing.code == "invalid_private_key"


def test_keys_that_are_lost_can_be_entered_again(acme: House) -> None:
    """Also for a configuration whose other fields stay as they are."""
    found = _create(acme)
    (account,) = acme.directory.provider_accounts("acme")
    acme.secrets.delete(account.secret_ref)
    refusal = _refused(lambda: acme.services.configurations.edit("acme", found, Changes(tolerance_minor=2), by="kim"))
    assert refusal.code == "invalid_private_key"
    acme.services.configurations.edit("acme", found, Changes(private_key=PRIVATE), by="kim")
    assert acme.secrets.get(account.secret_ref) == PRIVATE


def test_kept_secrets_go_to_no_other_address(acme: House) -> None:
    """A key or a mail password that nobody can read cannot be had by changing where it is sent."""
    found = _create(acme)
    asked = list(acme.keys.asked)
    elsewhere = Changes(provider_url="https://evil.example")
    refusal = _refused(lambda: acme.services.configurations.edit("acme", found, elsewhere, by="kim"))
    assert (refusal.code, acme.keys.asked) == ("invalid_private_key", asked)
    with_key = replace(elsewhere, private_key=PRIVATE)
    edited = acme.services.configurations.edit("acme", found, with_key, by="kim")
    assert edited.view.fields.provider_url == "https://evil.example"
    login = replace(MAIL, username="u", password="mail-secret")
    acme.services.mail.save("acme", login, by="kim")
    moved = replace(login, host="evil.example", password=None)
    assert _refused(lambda: acme.services.mail.save("acme", moved, by="kim")).code == "invalid_password"


def test_a_provider_that_cannot_be_asked_saves_nothing(acme: House) -> None:
    """Keys that nobody proved do not enter; later they may."""
    acme.keys.down = True
    refusal = _refused(lambda: _create(acme))
    assert (refusal.why, refusal.code) == (Why.LATER, "provider_unreachable")
    assert acme.directory.provider_accounts("acme") == ()


def _renewing(house: House) -> Changes:
    """A configuration by an account that was set up by itself."""
    for account, tenant in (("acme-stripe", "acme"), ("theirs", "rival")):
        house.directory.put_tenant(Tenant(tenant, tenant))
        house.directory.put_provider_account(ProviderAccount(account, tenant, "stripe", "https://stripe.example"))
    return replace(CARD, public_key=None, private_key=None, account="acme-stripe")


def test_an_account_that_was_set_up_by_itself_takes_the_place_of_keys(acme: House) -> None:
    """Orders freeze its provider; saving it again changes nothing, and keys can take its place later."""
    changes = _renewing(acme)
    configuration = _create(acme, changes=changes)
    config = acme.directory.order_config("acme", "pixi", "DEM", "K")
    assert config is not None
    assert (config.provider, config.provider_account) == ("stripe", "acme-stripe")
    fields = acme.services.configurations.get("acme", configuration).fields
    assert (fields.account, fields.public_key, fields.provider_url) == ("acme-stripe", "", "")
    assert not acme.services.configurations.create("acme", PLACE, changes, by="kim").changed
    edited = acme.services.configurations.edit("acme", configuration, Changes(tolerance_minor=2), by="kim")
    assert edited.view.configuration.config.provider_account == "acme-stripe"
    keys = Changes(public_key=PUBLIC, private_key=PRIVATE)
    moved = acme.services.configurations.edit("acme", configuration, keys, by="kim").view
    assert (moved.fields.account, moved.configuration.config.provider) == ("", "unzer")
    back = acme.services.configurations.edit("acme", configuration, Changes(account="acme-stripe"), by="kim").view
    assert (back.fields.public_key, back.configuration.config.provider) == ("", "stripe")


@pytest.mark.parametrize(
    ("account", "keys", "says"),
    [
        ("nobody", {}, "no account nobody"),
        ("theirs", {}, "no account theirs"),
        ("acme-stripe", {"public_key": PUBLIC}, "public_key was given too"),
        ("", {}, "needs the provider's public key, or the account"),
    ],
)
def test_an_account_that_cannot_be_used(acme: House, account: str, keys: dict[str, str], says: str) -> None:
    """Another tenant's, none at all, or with keys beside it."""
    changes = replace(_renewing(acme), account=account, **keys)
    assert says in _refused(lambda: _create(acme, changes=changes)).message
    assert acme.directory.configurations("acme") == ()


def test_an_edit_is_a_version_and_tells_of_open_orders(acme: House) -> None:
    """Old versions stay readable with who made them; the hint counts orders that are not over."""
    found = _create(acme)
    _order(acme, found, "released")
    _order(acme, found, "settled")
    saved = acme.services.configurations.edit("acme", found, Changes(tolerance_minor=5), by="robin", expected=1)
    assert "One open order keeps the version it began with." in [one.sentence for one in saved.hints]
    history = acme.services.configurations.history("acme", found)
    told = [(one.configuration.config.version, one.configuration.config.tolerance_minor) for one in history]
    assert told == [(1, 1), (2, 5)]
    assert [one.created_by for one in history] == ["kim", "robin"]
    newest = acme.trail.entries("acme")[0]
    assert (newest.actor, newest.details) == ("robin", {"version": "2", "tolerance_minor": "1 → 5"})


def test_an_edit_from_an_old_version_is_refused(acme: House) -> None:
    """Two who edit at once: the second is told to read again. The same content again changes nothing."""
    found = _create(acme)
    edit = acme.services.configurations.edit
    edit("acme", found, Changes(tolerance_minor=5), by="kim", expected=1)
    refusal = _refused(lambda: edit("acme", found, Changes(tolerance_minor=7), by="robin", expected=1))
    assert (refusal.why, refusal.code) == (Why.OUTDATED, "changed_meanwhile")
    lines = acme.actions()
    assert not edit("acme", found, Changes(tolerance_minor=5), by="kim", expected=2).changed
    assert acme.actions() == lines


def test_a_copy_exists_once_it_is_saved(acme: House) -> None:
    """The draft shows everything but the private key and leaves no trace; saved, it is a configuration of its own."""
    found = _create(acme)
    lines = acme.actions()
    target = Place("pixi", "TWO", "V")
    draft = acme.services.configurations.draft_copy("acme", found, target)
    assert (draft.fields.xml_tag, draft.fields.public_key, draft.fields.private_key) == ("UZCARD", PUBLIC, "")
    assert (len(acme.services.configurations.all("acme")), acme.actions()) == (1, lines)
    copy = _create(acme, target, Changes(xml_tag="UZPRE"), copied_from=found)
    view = acme.services.configurations.get("acme", copy)
    assert (view.fields.xml_tag, view.fields.invoice_event, view.configuration.config.version) == ("UZPRE", "UZE", 1)
    assert acme.services.configurations.get("acme", found).fields.xml_tag == "UZCARD"


def test_a_copy_that_cannot_be_is_refused(acme: House) -> None:
    """Onto itself, onto another configuration, onto a payment type that was deleted in the ERP."""
    found, other = _create(acme), _create(acme, replace(PLACE, payment_code="V"))
    copy = acme.services.configurations
    assert _refused(lambda: copy.draft_copy("acme", found, PLACE)).code == "copy_onto_itself"
    assert _refused(lambda: _create(acme, PLACE, Changes(), copied_from=found)).code == "copy_onto_itself"
    assert _refused(lambda: copy.draft_copy("acme", found, Place("pixi", "DEM", "V"))).code == "configuration_exists"
    acme.erp.types = [PaymentType("V", "Vorkasse")]
    gone = _refused(lambda: _create(acme, Place("pixi", "TWO", "K"), Changes(), copied_from=other))
    assert gone.code == "invalid_payment_code"
    assert "not any more" in gone.message
    assert _refused(lambda: copy.draft_copy("acme", "unknown", PLACE)).why is Why.MISSING


def test_a_payment_type_that_is_gone_can_be_edited_and_switched_off_but_not_on(acme: House) -> None:
    """Nobody is locked out of what exists, and nothing comes back that the ERP does not know."""
    found = _create(acme)
    acme.erp.types = []
    saved = acme.services.configurations.edit("acme", found, Changes(tolerance_minor=2), by="kim")
    assert "payment_type_gone" in [one.code for one in saved.hints]
    acme.services.configurations.set_active("acme", found, False, by="kim")
    for again in (
        lambda: acme.services.configurations.set_active("acme", found, True, by="kim"),
        lambda: acme.services.configurations.edit("acme", found, Changes(active=True), by="kim"),
    ):
        assert _refused(again).code == "invalid_payment_code"


@pytest.mark.rule("P4")
def test_a_connection_that_is_switched_off_takes_its_configurations_with_it(acme: House) -> None:
    """They stay active by themselves, are out of force, and come back with the connection."""
    found = _create(acme)
    acme.services.connections.set_active("acme", "pixi", False, by="kim")
    view = acme.services.configurations.get("acme", found)
    assert (view.configuration.active, view.in_force, acme.directory.is_active(found)) == (True, False, False)
    acme.services.connections.set_active("acme", "pixi", True, by="kim")
    assert acme.directory.is_active(found)


def test_the_sign_of_booking_events_is_looked_up_or_asked_of_a_person(acme: House) -> None:
    """Evidence against an event refuses it, evidence for it is silent, and without evidence a hint says whom to ask."""
    acme.erp.signs = {"UZE": Sign.POSITIVE}
    saved = acme.services.configurations.create("acme", PLACE, CARD, by="kim")
    (hint,) = [one for one in saved.hints if one.code == "event_sign_unknown"]
    assert "UZR: ask its support whether it is negative" in hint.sentence
    acme.erp.signs["UZR"] = Sign.POSITIVE
    refusal = _refused(lambda: _create(acme, replace(PLACE, payment_code="V")))
    assert (refusal.code, "UZR is positive" in refusal.message) == ("invalid_return_event", True)


def test_another_tag_than_the_erps_is_a_hint(acme: House) -> None:
    """The shop may be right, so it stops nothing."""
    saved = acme.services.configurations.create("acme", PLACE, replace(CARD, xml_tag="OTHER"), by="kim")
    assert "xml_tag_differs" in [one.code for one in saved.hints]


@pytest.mark.rule("P5")
def test_at_night_the_last_known_offer_counts(acme: House) -> None:
    """No request leaves; what was offered before is enough to choose from, and a hint says how old it is."""
    asked = acme.erp.asked
    acme.at = NIGHT
    saved = acme.services.configurations.create("acme", PLACE, CARD, by="kim")
    assert (acme.erp.asked, "offer_from_before" in [one.code for one in saved.hints]) == (asked, True)


def test_without_any_offer_nothing_new_is_configured(house: House) -> None:
    """A connection that was never reached offers nothing to choose from."""
    house.erp.down = True
    house.ready()
    refusal = _refused(lambda: _create(house))
    assert (refusal.why, refusal.code) == (Why.LATER, "erp_not_asked")


def test_another_tenants_configuration_does_not_exist(acme: House) -> None:
    """Neither to read nor to change nor to copy."""
    found = _create(acme)
    acme.services.tenants.save("rival", "Rival", Language.ENGLISH, by="kim")
    acme.services.connections.save("rival", replace(CONNECTION, name="erp"), by="kim")
    acme.services.mail.save("rival", MAIL, by="kim")
    services = acme.services.configurations
    for call in (
        lambda: services.get("rival", found),
        lambda: services.history("rival", found),
        lambda: services.edit("rival", found, Changes(tolerance_minor=3), by="kim"),
        lambda: services.set_active("rival", found, False, by="kim"),
        lambda: services.draft_copy("rival", found, Place("erp", "DEM", "K")),
    ):
        assert _refused(call).code == "unknown_configuration"


def test_no_key_shows_anywhere(acme: House) -> None:
    """Not in views, hints, refusals or the trail, and in the database only sealed."""
    saved = acme.services.configurations.create("acme", PLACE, CARD, by="kim")
    acme.keys.pairs["s-priv-renewed"] = PUBLIC
    edited = acme.services.configurations.edit(
        "acme", saved.view.configuration.id, Changes(private_key="s-priv-renewed"), by="kim"
    )
    wrong = _refused(lambda: _create(acme, replace(PLACE, payment_code="V"), replace(CARD, private_key="s-priv-no")))
    shown = [repr(saved), repr(edited), repr(CARD), repr(wrong), str(wrong), *map(repr, acme.trail.entries())]
    with acme.database.read() as connection:
        for table in ("configurations", "provider_accounts", "secrets", "audit_trail"):
            shown.append(str(connection.exec_driver_sql(f"SELECT * FROM {table}").all()))
    assert "s-priv" not in "\n".join(shown)
    newest = acme.trail.entries("acme")[0]
    assert newest.details == {f"secret acme/unzer/{PUBLIC}": "changed"}


def test_a_test_mail_tells_why_it_failed(acme: House) -> None:
    """In both languages, one sentence each; the trail remembers that somebody tried."""
    taken = acme.services.mail.test("acme", by="kim")
    settings, password, mail = acme.smtp.sent[0]
    assert (taken.taken, settings.recipient, password, mail.language) == (True, "ops@acme.example", "", Language.GERMAN)
    assert "Testmail" in mail.subject
    acme.smtp.verdict = MailVerdict.UNREACHABLE
    failed = acme.services.mail.test("acme", by="kim")
    assert not failed.taken
    assert ("Port" in failed.de, "port" in failed.en) == (True, True)
    assert acme.trail.entries("acme")[0].details == {"verdict": "unreachable"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"port": 0}, "invalid_setting"),
        ({"port": 70_000}, "invalid_setting"),
        ({"host": ""}, "invalid_setting"),
        ({"recipient": "a@b.example,c@d.example"}, "invalid_recipient"),
        ({"sender": "nobody"}, "invalid_sender"),
        ({"username": "u"}, "invalid_password"),
    ],
)
def test_impossible_mail_accounts_are_refused(acme: House, changes: dict[str, Any], code: str) -> None:
    """One recipient, a real port, and a password where there is a user."""
    assert _refused(lambda: acme.services.mail.save("acme", replace(MAIL, **changes), by="kim")).code == code


def test_a_mail_account_keeps_its_password_and_its_place(acme: House) -> None:
    """A change without a password keeps it, two who change do not overwrite each other, the same again is no change."""
    login = replace(MAIL, username="u", password="mail-secret")
    save = acme.services.mail.save
    save("acme", login, by="kim", expected=1)
    saved = save("acme", replace(login, port=465, password=None), by="kim", expected=2)
    assert (saved.revision, acme.secrets.get(saved.password_ref)) == (3, "mail-secret")
    assert _refused(lambda: save("acme", MAIL, by="kim", expected=2)).why is Why.OUTDATED
    assert save("acme", replace(login, port=465), by="kim", expected=0).revision == 3
    assert "mail-secret" not in repr([login, saved, *acme.trail.entries()])


@pytest.mark.parametrize("tenant", ["", "Acme", "a b", "ä", "-a", "a" * 41])
def test_a_tenant_has_a_plain_id(house: House, tenant: str) -> None:
    """It stands in addresses and ids."""
    refusal = _refused(lambda: house.services.tenants.save(tenant, "Acme", Language.GERMAN, by="kim"))
    assert refusal.code == "invalid_tenant"


def test_a_tenant_can_be_renamed(house: House) -> None:
    """Added twice it is one; the id stays, and the name has no spaces around it."""
    for name in ("Acme GmbH", " Acme AG "):
        house.services.tenants.save("acme", name, Language.ENGLISH, by="kim")
    assert [(one.id, one.name) for one in house.services.tenants.all()] == [("acme", "Acme AG")]
    assert house.trail.entries("acme")[0].details == {"name": "Acme GmbH → Acme AG"}
    assert _refused(lambda: house.services.tenants.save("acme", " ", Language.GERMAN, by="kim")).why is Why.INVALID


def test_a_renamed_connection_keeps_its_password(acme: House) -> None:
    """An edit without a password proves and keeps the one that is saved."""
    view = acme.services.connections.save("acme", WantedConnection("pixi", username="other"), by="kim", expected=1)
    assert (view.connection.username, view.connection.revision) == ("other", 2)


def _order(house: House, configuration: str, status: str) -> None:
    """A row of the read model, with what is counted."""
    texts = dict.fromkeys(
        ("shop_order_no", "shop_id", "payment_code", "payment_id", "family", "method", "problem", "severity"), ""
    )
    numbers = dict.fromkeys(("total_minor", "captured_minor", "booked_minor", "seq"), 0)
    row = texts | numbers | {"tenant": "acme", "connection": "pixi", "currency": "EUR", "state": "{}"}
    row |= {"workflow_id": f"order/{status}", "order_no": status, "status": status, "needs_human": False}
    row |= {"changed_at": house.at, "configuration": configuration, "config_version": 1}
    with house.database.write() as connection:
        connection.execute(orders.insert().values(**row))
