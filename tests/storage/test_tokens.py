"""API tokens: shown once, limited in scope, tenant and time."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.parties import Tenant
from domain.tenant_config import InvalidConfiguration
from storage.database import Database
from storage.directory import Directory
from storage.tokens import Tokens

NOW = datetime.now(UTC)


@pytest.fixture
def tokens(db: Database) -> Tokens:
    Directory(db).put_tenant(Tenant("acme", "Acme"))
    return Tokens(db)


def test_a_token_is_found_by_its_text_only(db: Database, tokens: Tokens) -> None:
    """The text leads to the token, no other text does, and the text stands nowhere in the database."""
    plain = tokens.add("shop", frozenset({"orders:read", "orders:tell"}), tenant="acme")
    found = tokens.find(plain)
    assert found is not None
    assert (found.label, found.tenant, found.scopes) == ("shop", "acme", frozenset({"orders:read", "orders:tell"}))
    assert tokens.find(plain[:-1]) is None
    assert tokens.find("") is None
    assert tokens.find("\ud800\0") is None
    with db.read() as connection:
        assert plain not in str(connection.exec_driver_sql("SELECT * FROM api_tokens").all())


def test_a_token_allows_its_scopes_for_its_tenant(tokens: Tokens) -> None:
    """Another scope or another tenant is not allowed; a token without tenant is good for all."""
    mine = tokens.find(tokens.add("shop", frozenset({"read"}), tenant="acme"))
    all_of_them = tokens.find(tokens.add("ops", frozenset({"read"})))
    assert mine is not None
    assert all_of_them is not None
    assert [mine.allows(*one) for one in (("read", "acme"), ("write", "acme"), ("read", "x"))] == [True, False, False]
    assert all_of_them.allows("read", "x")


def test_a_token_ends(tokens: Tokens) -> None:
    """A token is good until the instant it expires or somebody deactivates it, which works once."""
    plain = tokens.add("shop", frozenset({"read"}), expires_at=NOW + timedelta(days=1))
    assert tokens.find(plain, NOW + timedelta(days=1, microseconds=-1)) is not None
    assert tokens.find(plain, NOW + timedelta(days=1)) is None
    (token,) = tokens.all()
    assert tokens.deactivate(token.id)
    assert not tokens.deactivate(token.id)
    assert not tokens.deactivate("unknown")
    assert tokens.find(plain) is None
    assert [one.deactivated_at is None for one in tokens.all()] == [False]


def test_tokens_are_listed_by_tenant(tokens: Tokens) -> None:
    """The list of a tenant holds its own tokens only."""
    tokens.add("a", frozenset({"read"}), tenant="acme")
    tokens.add("b", frozenset({"read"}))
    assert [one.label for one in tokens.all("acme")] == ["a"]
    assert {one.label for one in tokens.all()} == {"a", "b"}


@pytest.mark.parametrize(
    ("label", "scopes", "tenant", "sentence"),
    [
        ("shop", frozenset(), None, "at least one scope"),
        ("shop", frozenset({"a b"}), None, "without spaces"),
        (" ", frozenset({"read"}), None, "needs a label"),
        ("shop", frozenset({"read"}), "x", "there is no tenant x: add it first"),
    ],
)
def test_an_impossible_token_is_refused(
    tokens: Tokens, label: str, scopes: frozenset[str], tenant: str | None, sentence: str
) -> None:
    """What a token needs is said before one is made."""
    with pytest.raises(InvalidConfiguration, match=sentence):
        tokens.add(label, scopes, tenant=tenant)
    assert tokens.all() == ()
