"""Secrets at rest: sealed, bound to their reference, and movable to a new key."""

import base64
import os

import pytest
from sqlalchemy import select

from domain.errors import Misconfigured
from storage.database import Database
from storage.secrets import SecretBox, new_master_key, parse_master_keys
from storage.tables import secrets

OLD, NEW = os.urandom(32), os.urandom(32)


def test_a_secret_comes_back_and_is_not_readable_in_the_table(db: Database) -> None:
    """The value is returned under its reference and stands nowhere in the row."""
    box = SecretBox(db, [OLD])
    box.put("unzer/acme", "s-priv-ü")
    box.put("unzer/acme", "s-priv-ß")
    assert box.get("unzer/acme") == "s-priv-ß"
    with db.read() as connection:
        row = connection.execute(select(secrets)).one()
    assert b"s-priv" not in row.sealed + row.nonce
    assert len(row.nonce) == 12


def test_equal_secrets_look_different(db: Database) -> None:
    """Nobody sees in the table that two accounts share a password."""
    box = SecretBox(db, [OLD])
    for ref in ("a", "b"):
        box.put(ref, "same")
    with db.read() as connection:
        assert len(set(connection.execute(select(secrets.c.sealed)).scalars())) == 2


def test_a_moved_secret_does_not_open(db: Database) -> None:
    """A value copied to another reference, or changed, is refused."""
    box = SecretBox(db, [OLD])
    box.put("a", "value")
    with db.write() as connection:
        connection.execute(secrets.update().values(ref="b"))
    with pytest.raises(Misconfigured, match="the secret b was changed"):
        box.get("b")


def test_a_missing_secret_is_named(db: Database) -> None:
    """Whoever uses a reference that nobody entered reads which one."""
    box = SecretBox(db, [OLD])
    with pytest.raises(Misconfigured, match="the secret a is missing"):
        box.get("a")
    box.put("a", "x")
    box.delete("a")
    with pytest.raises(Misconfigured, match="is missing"):
        box.get("a")


def test_keys_are_changed_without_a_stop(db: Database) -> None:
    """The newest key seals, older ones still open; after a rotation the old key is not needed any more."""
    SecretBox(db, [OLD]).put("a", "one")
    both = SecretBox(db, [NEW, OLD])
    both.put("b", "two")
    assert [both.get(ref) for ref in "ab"] == ["one", "two"]
    with pytest.raises(Misconfigured, match="sealed with a master key that is not set"):
        SecretBox(db, [NEW]).get("a")
    assert both.rotate() == 1
    assert both.rotate() == 0
    assert [SecretBox(db, [NEW]).get(ref) for ref in "ab"] == ["one", "two"]


def test_a_rotation_that_fails_changes_nothing(db: Database) -> None:
    """With one secret that no key opens, every other stays as it was."""
    SecretBox(db, [OLD]).put("a", "one")
    SecretBox(db, [os.urandom(32)]).put("b", "two")
    with pytest.raises(Misconfigured, match="the secret b"):
        SecretBox(db, [NEW, OLD]).rotate()
    assert SecretBox(db, [OLD]).get("a") == "one"


def test_master_keys_are_read_from_a_setting() -> None:
    """One or several base64 keys, with or without spaces, in the order given."""
    text = f"{base64.b64encode(NEW).decode()} , {base64.b64encode(OLD).decode()}"
    assert parse_master_keys(text) == (NEW, OLD)
    assert len(parse_master_keys(new_master_key())) == 1


@pytest.mark.parametrize("text", ["", " , ", "not base64!", base64.b64encode(b"short").decode(), "ü"])
def test_an_unusable_master_key_is_refused(text: str) -> None:
    """The sentence says what a key looks like and does not repeat what was given."""
    with pytest.raises(Misconfigured, match="base64 of 32 random bytes") as caught:
        parse_master_keys(text)
    assert not text.strip(" ,") or text not in str(caught.value)


def test_without_a_key_there_is_no_box(db: Database) -> None:
    """A box without a key is refused at once, not at the first secret."""
    with pytest.raises(Misconfigured, match="master key"):
        SecretBox(db, [])
