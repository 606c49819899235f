"""The folder for failure files: saved, changed, tried, and refused with reasons."""

from dataclasses import replace
from typing import Any

import pytest

from administration.file_drops import WantedDrop
from administration.refusals import Refused
from domain.file_drop import DropLogin, DropProtocol, DropVerdict
from domain.tenant_config import Language
from tests.administration.conftest import House

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
WANTED = WantedDrop(DropProtocol.SFTP, "files.example", "acme", secret="right", folder="in", host_key=f"{KEY} root@x\n")


@pytest.fixture
def acme(house: House) -> House:
    house.services.tenants.save("acme", "Acme GmbH", Language.GERMAN, by="kim")
    return house


def refused(house: House, wanted: WantedDrop, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        house.services.file_drops.save("acme", wanted, by="kim", **more)
    return caught.value.code


def test_a_folder_is_saved_with_its_secret_apart(acme: House) -> None:
    """The key loses its comment, the port is the usual one, the password goes into the box of secrets."""
    saved = acme.services.file_drops.save("acme", WANTED, by="kim", expected=0)
    assert (saved.port, saved.host_key, saved.secret_ref) == (22, KEY, "acme/file-drop")
    assert acme.secrets.get("acme/file-drop") == "right"
    assert "right" not in repr(saved)
    assert "right" not in str(acme.trail.entries())
    assert acme.actions()[0] == "file_drop.put"
    assert acme.services.file_drops.save("acme", WANTED, by="kim", expected=0) == saved


def test_a_change_keeps_the_secret_and_counts(acme: House) -> None:
    """Whoever changes names the version; an outdated one is refused."""
    acme.services.file_drops.save("acme", WANTED, by="kim")
    other = replace(WANTED, secret=None, folder="out")
    saved = acme.services.file_drops.save("acme", other, by="kim", expected=1)
    assert (saved.folder, saved.revision) == ("out", 2)
    assert acme.secrets.get("acme/file-drop") == "right"
    assert refused(acme, replace(other, folder="x"), expected=1) == "changed_meanwhile"


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "elsewhere.example"},
        {"login": DropLogin.KEY},
        {"protocol": DropProtocol.FTP, "host_key": "", "unencrypted": True},
    ],
)
def test_a_kept_secret_goes_nowhere_else(acme: House, changes: dict[str, Any]) -> None:
    """Not to another server, not as another kind of secret, not unencrypted."""
    acme.services.file_drops.save("acme", WANTED, by="kim")
    assert refused(acme, replace(WANTED, secret=None, **changes)) == "invalid_secret"
    if changes.get("login") is None:
        acme.services.file_drops.save("acme", replace(WANTED, secret="new", **changes), by="kim")
        assert acme.secrets.get("acme/file-drop") == "new"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": None}, "invalid_secret"),
        ({"secret": "two\nlines"}, "invalid_secret"),
        ({"host_key": ""}, "invalid_setting"),
        ({"protocol": DropProtocol.FTP, "host_key": ""}, "invalid_setting"),
        ({"folder": "../up"}, "invalid_setting"),
    ],
)
def test_what_cannot_work_is_refused(acme: House, changes: dict[str, Any], code: str) -> None:
    """With the reason, and nothing is saved."""
    assert refused(acme, replace(WANTED, **changes)) == code
    with pytest.raises(Refused, match="no folder"):
        acme.services.file_drops.get("acme")


def test_a_trial_says_what_became_of_it(acme: House) -> None:
    """With the secret that is kept, in both languages, and the trail has it."""
    acme.services.file_drops.save("acme", WANTED, by="kim")
    assert acme.services.file_drops.test("acme", by="kim").works
    settings, secret, token = acme.drop.tried[0]
    assert (settings.folder, secret) == ("in", "right")
    assert len(token) > 10
    acme.drop.verdict = DropVerdict.HOST_KEY
    found = acme.services.file_drops.test("acme", by="kim")
    assert not found.works
    assert "another key" in found.en
    assert acme.actions()[0] == "file_drop.tested"


def test_an_unknown_tenant(house: House) -> None:
    """Has no folder, and gets none."""
    assert refused(house, WANTED) == "unknown_tenant"
