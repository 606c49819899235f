"""The directory: who uses Holdfast and how, what is refused, and which configuration decides."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.parties import Configuration, ErpConnection, MailSecurity, MailSettings, ProviderAccount, Tenant
from domain.ports import PolledCode
from domain.tenant_config import InvalidConfiguration, Language
from storage.audit import AuditTrail
from storage.database import Database
from storage.directory import Directory
from tests.storage.builders import CONFIG

TENANT = Tenant("acme", "Acme GmbH", Language.GERMAN)
CONNECTION = ErpConnection(
    "acme", "pixi", "https://erp.example/soap", "user", "erp/acme", True, timedelta(minutes=2), "ca.pem", {"db": "X"}
)
ACCOUNT = ProviderAccount(
    "unzer/acme", "acme", "unzer", "https://api.example", "s-pub-1", "unzer/acme/key", {"channel": "shop"}
)
CONFIGURATION = Configuration("acme", "pixi", "SHOP", "CC", CONFIG)
MAIL = MailSettings("acme", "mail.example", 587, "hf@acme.example", "ops@acme.example", MailSecurity.TLS, "u", "mail/a")
TOKEN = "t" * 32


@pytest.fixture
def directory(db: Database) -> Directory:
    """A directory with one tenant that has everything."""
    found = Directory(db)
    found.put_tenant(TENANT)
    found.put_erp_connection(CONNECTION)
    found.put_provider_account(ACCOUNT, callback_token=TOKEN)
    found.put_configuration(CONFIGURATION)
    found.put_mail_settings(MAIL)
    return found


def _order_config(directory: Directory) -> object:
    return directory.order_config("acme", "pixi", "SHOP", "CC")


def test_everything_comes_back_as_it_was_put(directory: Directory) -> None:
    """Tenant, connection, account, configuration and mail settings are read as they were written."""
    assert directory.tenants() == (TENANT,)
    assert directory.tenant("acme") == TENANT
    assert directory.erp_connection("acme", "pixi") == CONNECTION
    assert directory.erp_connections() == (CONNECTION,)
    assert directory.provider_account("unzer/acme") == ACCOUNT
    assert directory.provider_accounts("acme") == (ACCOUNT,)
    assert directory.configuration("acme-card") == CONFIGURATION
    assert directory.configurations("acme") == (CONFIGURATION,)
    assert directory.mail_settings("acme") == MAIL


def test_what_nobody_put_is_none(directory: Directory) -> None:
    """Unknown names give nothing, also names of another tenant."""
    assert directory.tenant("x") is None
    assert directory.erp_connection("x", "pixi") is None
    assert directory.provider_account("x") is None
    assert directory.mail_settings("x") is None
    assert directory.configuration("x") is None
    assert directory.configuration("acme-card", 2) is None
    assert directory.order_config("x", "pixi", "SHOP", "CC") is None
    found = (directory.configurations("x"), directory.erp_connections("x"), directory.provider_accounts("x"))
    assert found == ((), (), ())


def test_putting_again_changes(directory: Directory) -> None:
    """The same name put again is the same thing with new content."""
    directory.put_tenant(replace(TENANT, name="Acme AG"))
    directory.put_erp_connection(replace(CONNECTION, username="other"))
    directory.put_mail_settings(replace(MAIL, port=25))
    assert directory.tenants() == (replace(TENANT, name="Acme AG"),)
    assert directory.erp_connections("acme") == (replace(CONNECTION, username="other"),)
    assert directory.mail_settings("acme") == replace(MAIL, port=25)


def test_a_tenant_stays_real_or_simulated(directory: Directory) -> None:
    """A real tenant never becomes one whose clock can be moved, nor the other way round."""
    with pytest.raises(InvalidConfiguration, match="add another tenant"):
        directory.put_tenant(replace(TENANT, simulated=True))


def test_a_configuration_counts_its_versions(directory: Directory) -> None:
    """A change is a new version, equal content is none, and old versions stay readable."""
    assert directory.put_configuration(CONFIGURATION).version == 1
    changed = replace(CONFIGURATION, config=replace(CONFIG, version=77, tolerance_minor=5))
    config = directory.put_configuration(changed)
    assert (config.version, config.tolerance_minor) == (2, 5)
    assert _order_config(directory) == config
    assert directory.configuration("acme-card", 1) == CONFIGURATION
    assert len(directory.configurations()) == 1


@pytest.mark.rule("P4")
def test_a_switched_off_configuration_decides_on_nothing(directory: Directory) -> None:
    """Switched off it starts no orders and is not polled, and open orders see that it is off; back on, all returns."""
    directory.set_active("acme-card", False)
    assert (_order_config(directory), directory.polled_codes("acme", "pixi")) == (None, ())
    assert not directory.is_active("acme-card")
    directory.set_active("acme-card", True)
    assert (_order_config(directory), directory.polled_codes("acme", "pixi")) == (CONFIG, (PolledCode("SHOP", "CC"),))
    assert directory.is_active("acme-card")
    assert not directory.is_active("unknown")


@pytest.mark.rule("P4")
def test_a_switched_off_connection_switches_its_configurations_off(directory: Directory) -> None:
    """The switch of the connection acts on everything behind it (rule P4)."""
    directory.put_erp_connection(replace(CONNECTION, active=False))
    assert not directory.is_active("acme-card")
    assert (_order_config(directory), directory.polled_codes("acme", "pixi")) == (None, ())


def test_two_configurations_cannot_decide_on_one_order(directory: Directory) -> None:
    """A second active configuration of shop and code is refused; switched off it may exist, but not be switched on."""
    other = replace(CONFIGURATION, config=replace(CONFIG, configuration="acme-2"))
    with pytest.raises(InvalidConfiguration, match="have an active configuration already"):
        directory.put_configuration(other)
    directory.put_configuration(replace(other, active=False))
    with pytest.raises(InvalidConfiguration, match="deactivate that one first"):
        directory.set_active("acme-2", True)
    directory.set_active("acme-card", False)
    directory.set_active("acme-2", True)
    assert _order_config(directory) == replace(CONFIG, configuration="acme-2")


def test_polled_codes_are_sorted(directory: Directory) -> None:
    """The poller asks for every active shop and code, in a fixed order."""
    for shop, code in (("B", "PP"), ("A", "CC")):
        config = replace(CONFIG, configuration=f"{shop}-{code}")
        directory.put_configuration(Configuration("acme", "pixi", shop, code, config))
    assert directory.polled_codes("acme", "pixi") == tuple(
        PolledCode(shop, code) for shop, code in (("A", "CC"), ("B", "PP"), ("SHOP", "CC"))
    )


def test_an_account_is_found_by_its_callback_token(db: Database, directory: Directory) -> None:
    """The token leads to the account, a wrong one to none; it is not stored, and a change without it keeps it."""
    directory.put_provider_account(replace(ACCOUNT, public_key="s-pub-2"))
    found = directory.account_by_callback_token(TOKEN)
    assert found is not None
    assert found.public_key == "s-pub-2"
    assert directory.account_by_callback_token("x" * 32) is None
    with db.read() as connection:
        assert TOKEN not in str(connection.exec_driver_sql("SELECT * FROM provider_accounts").all())


def test_a_callback_token_belongs_to_one_account(directory: Directory) -> None:
    """A token that is short or taken is refused."""
    other = replace(ACCOUNT, id="unzer/2")
    with pytest.raises(InvalidConfiguration, match="20 random characters"):
        directory.put_provider_account(other, callback_token="short")
    with pytest.raises(InvalidConfiguration, match="choose a new one"):
        directory.put_provider_account(other, callback_token=TOKEN)


def test_names_of_other_tenants_are_taken(directory: Directory) -> None:
    """Account and configuration ids are unique over all tenants: nobody takes over another one's."""
    directory.put_tenant(Tenant("other", "Other"))
    directory.put_erp_connection(replace(CONNECTION, tenant="other"))
    with pytest.raises(InvalidConfiguration, match="unzer/acme is taken"):
        directory.put_provider_account(replace(ACCOUNT, tenant="other"))
    directory.put_provider_account(replace(ACCOUNT, id="unzer/other", tenant="other"))
    config = replace(CONFIG, provider_account="unzer/other")
    with pytest.raises(InvalidConfiguration, match="acme-card is taken"):
        directory.put_configuration(replace(CONFIGURATION, tenant="other", config=config))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tenant": "x"}, "the tenant x has no ERP connection pixi: add the connection first"),
        ({"connection": "x"}, "no ERP connection x"),
        ({"config": replace(CONFIG, provider_account="x")}, "no provider account x: add the account first"),
        ({"config": replace(CONFIG, provider="stripe")}, "is at unzer, the configuration says stripe"),
    ],
)
def test_a_configuration_needs_what_it_names(directory: Directory, change: dict[str, Any], sentence: str) -> None:
    """A configuration without its connection or account is refused with what to do."""
    with pytest.raises(InvalidConfiguration, match=sentence):
        directory.put_configuration(replace(CONFIGURATION, **change))


@pytest.mark.parametrize("put", ["put_erp_connection", "put_provider_account", "put_mail_settings"])
def test_nothing_is_put_for_an_unknown_tenant(directory: Directory, put: str) -> None:
    """The tenant comes first."""
    thing: Any = {"put_erp_connection": CONNECTION, "put_provider_account": ACCOUNT, "put_mail_settings": MAIL}[put]
    wanted = replace(thing, tenant="x", **({"id": "new"} if put == "put_provider_account" else {}))
    with pytest.raises(InvalidConfiguration, match="there is no tenant x: add it first"):
        getattr(directory, put)(wanted)


@pytest.mark.parametrize(
    ("thing", "change", "sentence"),
    [
        (TENANT, {"id": ""}, "needs an id"),
        (TENANT, {"name": " Acme"}, "without spaces"),
        (CONNECTION, {"name": ""}, "needs a name"),
        (CONNECTION, {"base_url": "erp.example"}, "https://host"),
        (CONNECTION, {"base_url": "https://"}, "https://host"),
        (CONNECTION, {"base_url": "https://host:99999"}, "https://host"),
        (CONNECTION, {"poll_interval": timedelta(0)}, "at least one second"),
        (ACCOUNT, {"id": ""}, "needs an id"),
        (ACCOUNT, {"provider": ""}, "which provider"),
        (ACCOUNT, {"base_url": "ftp://host"}, "https://host"),
        (MAIL, {"host": ""}, "mail server"),
        (MAIL, {"port": 0}, "between 1 and 65535"),
        (MAIL, {"recipient": "nobody"}, "recipient is an address"),
        (MAIL, {"sender": "a b@c"}, "sender is an address"),
        (CONFIGURATION, {"shop_id": ""}, "which shop"),
        (CONFIGURATION, {"payment_code": ""}, "which payment code"),
        (CONFIGURATION, {"config": replace(CONFIG, configuration="")}, "needs an id"),
    ],
)
def test_impossible_values_are_refused(thing: Any, change: dict[str, Any], sentence: str) -> None:
    """Each value says itself what is wrong with it, before it reaches a table."""
    with pytest.raises(InvalidConfiguration, match=sentence):
        replace(thing, **change)


def test_every_change_is_in_the_audit_trail(db: Database, directory: Directory) -> None:
    """Who changed what can be read afterwards; what failed left no line."""
    directory.set_active("acme-card", False, by="kim")
    with pytest.raises(InvalidConfiguration, match="add it first"):
        directory.set_active("unknown", True, by="kim")
    trail = AuditTrail(db)
    newest, *rest = trail.entries()
    assert (newest.actor, newest.action, newest.subject) == ("kim", "configuration.deactivated", "acme-card")
    assert [one.action for one in rest] == [
        "mail_settings.put",
        "configuration.put",
        "provider_account.put",
        "erp_connection.put",
        "tenant.put",
    ]
    assert trail.entries("acme", before=rest[0].id, limit=1) == [rest[1]]
