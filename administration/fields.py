"""The fields of a configuration as people enter them, and what is wrong with them at sight."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from administration.refusals import Refused, invalid
from domain.setup import KeyVerdict
from domain.tenant_config import AppMode

LARGEST_TOLERANCE = 1_000  # minor units; what is more than ten euros is no rounding
_EVENT = re.compile(r"[A-Za-z0-9._/+-]{1,3}")
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


@dataclass(frozen=True)
class Fields:
    """All fields of a configuration. Without `private_key` the one that is kept is meant; `provider_url` '' means where
    keys of this kind belong. `account` is the other way to say how the money is taken: an account that was set up by
    itself, at a provider whose holds are renewed; then there are no keys."""

    active: bool
    invoice_event: str
    return_event: str
    xml_tag: str
    tolerance_minor: int
    public_key: str
    mode: AppMode
    private_key: str = field(default="", repr=False)
    provider_url: str = ""
    account: str = ""


@dataclass(frozen=True)
class Changes:
    """The fields that somebody has entered; None was left alone."""

    active: bool | None = None
    invoice_event: str | None = None
    return_event: str | None = None
    xml_tag: str | None = None
    tolerance_minor: int | None = None
    public_key: str | None = None
    private_key: str | None = field(default=None, repr=False)
    mode: AppMode | None = None
    provider_url: str | None = None
    account: str | None = None

    def given(self) -> Mapping[str, object]:
        """Only what was entered, texts without spaces around them."""
        texts = {name: one.strip() if type(one) is str else one for name, one in asdict(self).items()}
        return {name: one for name, one in texts.items() if one is not None}


_DEFAULTS: Mapping[str, object] = {"active": True, "tolerance_minor": 0}
_NEEDED = {
    "invoice_event": "the booking event for invoices",
    "return_event": "the booking event for returns",
    "xml_tag": "the XML tag of the payment method",
    "public_key": "the provider's public key, or the account",
    "mode": "the mode, standard or expert",
}


def complete(base: Fields | None, changes: Changes) -> Fields:
    """All fields: `base`, changed. Raises `Refused` for what nobody entered and for what cannot be."""
    given = dict(changes.given())
    values: dict[str, Any] = {"public_key": "", **(_DEFAULTS if base is None else asdict(base)), **given}
    if base is not None and given.get("public_key", base.public_key) != base.public_key:
        # another key pair: neither the old private key nor the old address goes with it
        values |= {"private_key": given.get("private_key", ""), "provider_url": given.get("provider_url", "")}
    values |= _either_way(given)
    for name, what in _NEEDED.items():
        if not values.get(name) and not (name == "public_key" and values.get("account")):
            raise invalid(name, f"A configuration needs {what}.", "Give it.")
    found = Fields(**values)
    _check(found)
    return found


def _either_way(given: Mapping[str, object]) -> dict[str, str]:
    """Keys take the place of an account and the other way round. Raises `Refused` for both at once."""
    keys = [name for name in ("public_key", "private_key", "provider_url") if given.get(name)]
    if given.get("account"):
        if keys:
            raise invalid("account", f"An account has its own keys, and {keys[0]} was given too.", "Give one of both.")
        return {"public_key": "", "private_key": "", "provider_url": ""}
    return {"account": ""} if given.get("public_key") else {}


def tolerance(text: str) -> int:
    """Minor units from what somebody typed. Raises `Refused`."""
    if not text.strip().isascii() or not text.strip().isdigit() or len(text.strip()) > 9:
        raise _bad_tolerance()
    return int(text)


def _check(fields: Fields) -> None:
    for name, what in (("invoice_event", "invoices"), ("return_event", "returns")):
        if not _EVENT.fullmatch(getattr(fields, name)):
            raise invalid(
                name,
                f"The booking event for {what} is the ERP's code of one to three letters or digits.",
                "Look it up in the ERP; its support creates such events.",
            )
    if fields.invoice_event.lower() == fields.return_event.lower():
        raise invalid(
            "return_event",
            f"{fields.return_event} cannot stand for invoices and returns: one has to be positive, the other negative.",
            "Give two different booking events.",
        )
    if not _TAG.fullmatch(fields.xml_tag):
        raise invalid(
            "xml_tag",
            "The XML tag is a name of letters, digits, hyphens and underscores, without brackets and umlauts.",
            "Give the bare name as the shop's import document writes it.",
        )
    if isinstance(fields.tolerance_minor, bool) or not isinstance(fields.tolerance_minor, int):
        raise _bad_tolerance()
    if not 0 <= fields.tolerance_minor <= LARGEST_TOLERANCE:
        raise _bad_tolerance()


def _bad_tolerance() -> Refused:
    return invalid(
        "tolerance_minor",
        f"The rounding difference is a whole number of minor units (cents) from 0 to {LARGEST_TOLERANCE}.",
        "Give 1 for one cent, 0 for none.",
    )


KEY_FAULTS: Mapping[KeyVerdict, tuple[str, str, str]] = {
    KeyVerdict.PUBLIC_MALFORMED: (
        "public_key",
        "This is no public key of the provider.",
        "Copy it whole; it begins with s-pub- for tests or p-pub- for real money.",
    ),
    KeyVerdict.PRIVATE_MALFORMED: (
        "private_key",
        "This is no private key of the provider.",
        "Copy it whole; it begins with s-priv- for tests or p-priv- for real money.",
    ),
    KeyVerdict.SWAPPED: ("public_key", "Public and private key stand in each other's place.", "Swap them."),
    KeyVerdict.PUBLIC_AS_PRIVATE: (
        "private_key",
        "A public key stands in the place of the private one.",
        "Give the private key.",
    ),
    KeyVerdict.PRIVATE_AS_PUBLIC: (
        "public_key",
        "A private key stands in the place of the public one.",
        "Give the public key, and let the provider replace the private one if somebody may have seen it.",
    ),
    KeyVerdict.TEST_AND_LIVE: (
        "private_key",
        "One key is for tests, the other for real money.",
        "Give both keys of one pair; they begin with the same letter.",
    ),
    KeyVerdict.WRONG_ADDRESS: (
        "provider_url",
        "Keys for tests and keys for real money are used at different addresses, and this address is for the other "
        "kind.",
        "Leave the address out, or give the keys that belong to it.",
    ),
    KeyVerdict.REFUSED: (
        "private_key",
        "The provider does not accept this private key.",
        "Copy it once more from the provider's portal; it may have been replaced there.",
    ),
    KeyVerdict.MISMATCH: (
        "private_key",
        "The private key belongs to another public key.",
        "Give both keys of one pair.",
    ),
}
