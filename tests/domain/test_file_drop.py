"""Settings of a merchant's folder: what cannot work together is refused with the reason and what to do."""

from dataclasses import replace
from typing import Any

import pytest

from domain.drop_wording import drop_sentence
from domain.file_drop import DropLogin, DropProtocol, DropVerdict, FileDropSettings, is_loopback
from domain.tenant_config import InvalidConfiguration, Language

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
SFTP = FileDropSettings("acme", DropProtocol.SFTP, "files.example", 22, "acme", "acme/drop", host_key=KEY)
FTP = FileDropSettings("acme", DropProtocol.FTP, "files.example", 21, "acme", "acme/drop", unencrypted=True)


@pytest.mark.parametrize(
    ("known", "changes", "reason"),
    [
        (FTP, {"unencrypted": False}, "everybody on the way"),
        (FTP, {"login": DropLogin.KEY}, "FTP knows no keys"),
        (FTP, {"host_key": KEY}, "FTP has no host key"),
        (SFTP, {"host_key": ""}, "could pose as the server"),
        (SFTP, {"host_key": "AAAA"}, "server's public key"),
        (SFTP, {"unencrypted": True}, "always encrypted"),
        (SFTP, {"host": "files example"}, "without spaces"),
        (SFTP, {"host": ""}, "without spaces"),
        (SFTP, {"port": 0}, "between 1 and 65535"),
        (SFTP, {"username": " "}, "user name"),
        (SFTP, {"folder": "in/../.."}, "steps upwards"),
        (SFTP, {"folder": "in\nout"}, "steps upwards"),
    ],
)
def test_what_cannot_be_is_refused(known: FileDropSettings, changes: dict[str, Any], reason: str) -> None:
    """Each refusal names the matter."""
    with pytest.raises(InvalidConfiguration, match=reason):
        replace(known, **changes)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_this_machine_needs_no_host_key(host: str) -> None:
    """Nobody else can answer there."""
    assert is_loopback(host)
    assert replace(SFTP, host=host, host_key="").host == host


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "128.0.0.1", "files.example"])
def test_every_other_machine_does(host: str) -> None:
    """A name that looks like this machine is none."""
    assert not is_loopback(host)


@pytest.mark.parametrize("language", list(Language))
def test_every_verdict_has_a_sentence_of_its_own(language: Language) -> None:
    """In both languages."""
    assert len({drop_sentence(one, language) for one in DropVerdict}) == len(DropVerdict)
