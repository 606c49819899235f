"""Writing the account that the customer transfers to into the order's billing address (rule P23).

What is written and what is read back stays in here: results, logs and errors name the order alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.pixi import mapping, reading
from adapters.pixi.client import Value
from adapters.pixi.clients import Session
from adapters.pixi.effects import Effect, declined, unverified
from adapters.pixi.reading import Header
from adapters.pixi.texts import clean
from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.values import RowSet
from domain import reasons
from domain.outcomes import Evidence, OperationResult
from domain.ports import BankDataRequest, BankDetails

_ASK = "pixiCanChangeAddress"
_WRITE = "pixiChangeAddress"
_READ = "pixiGetAddress"
_BILLING = "B"
_HOLDER_NAMES = ("AccountHolder", "CardHolderName", "AccountName")
_BANK_NAME = "BankName"
_LIMITS = {"IBAN": 35, "BIC": 11, _BANK_NAME: 50}
_HOLDER_LIMIT = 60
_HOLDER_KEPT = 20  # how long the holder's column is nobody knows; a beginning of this length is the whole


@dataclass(frozen=True)
class _Wanted:
    """The four fields as the database can keep them; `holder` beside the others, for its column's name varies."""

    holder: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


def write_bank_data(effect: Effect, request: BankDataRequest) -> OperationResult:
    """Write the four fields unless they stand there, verify by reading, comment."""
    header = reading.read_header(effect.session, effect.number)
    if header is None:
        raise declined(reasons.NOT_FOUND)
    wanted = _wanted(request.details)
    found = _stands(effect.session, header, wanted) is True
    if not found:
        effect.must_not_send()
        _write(effect, header, wanted)
    return effect.comment_after(request.comment, Evidence(reference=effect.order_no, found_by_reading=found))


def _wanted(details: BankDetails) -> _Wanted:
    """Cut without a mark: what is left must still be the beginning of a reference, not a text that ends in dots."""
    said = {"IBAN": _closed_up(details.iban), "BIC": _closed_up(details.bic), _BANK_NAME: details.reference}
    return _Wanted(
        holder=clean(details.holder).strip()[:_HOLDER_LIMIT].strip(),
        fields={name: clean(text).strip()[: _LIMITS[name]].strip() for name, text in said.items()},
    )


def _closed_up(text: str) -> str:
    return "".join(text.split()).upper()


def _stands(session: Session, header: Header, wanted: _Wanted) -> bool | None:
    """Whether the address shows what is wanted; None where it cannot be read."""
    if header.address is None or not session.offers(_READ):
        return None
    data = session.read(_READ, {"AddrKey": header.address}).data
    if not data.rows:  # believed when it comes again: now and then the rows of an answer are lost
        data = session.read(_READ, {"AddrKey": header.address}).data
    shown = [name for name in wanted.fields if data.declares(name)]
    if not data.rows or "IBAN" not in shown:
        return None
    row = data.rows[0]
    return _holder_stands(data, wanted.holder) and all(
        _alike(name, row.text(name), wanted.fields[name]) for name in shown
    )


def _alike(name: str, stored: str, wanted: str) -> bool:
    return (stored.strip() if name == _BANK_NAME else _closed_up(stored)) == wanted


def _holder_stands(data: RowSet, wanted: str) -> bool:
    """In the first of the columns that there is; the database may have one for the holder or none that is shown."""
    name = next((one for one in _HOLDER_NAMES if data.declares(one)), None)
    if name is None:
        return True
    stored = data.rows[0].text(name).strip()
    return stored == wanted or (len(stored) >= _HOLDER_KEPT and wanted.startswith(stored))


def _write(effect: Effect, header: Header, wanted: _Wanted) -> None:
    session = effect.session
    holder = next((name for name in _HOLDER_NAMES if session.takes(_WRITE, name)), None)
    known = all(session.takes(_WRITE, name) for name in ("OrderNr", "AddrType", *wanted.fields))
    if not session.offers(_ASK) or holder is None or not known:
        # a part of them would be worse than none: without the reference nobody can match the transfer
        raise declined(reasons.UNSUPPORTED)
    if not _editable(session, effect.number):
        raise declined(reasons.ORDER_STATE)
    values: dict[str, Value] = {"OrderNr": effect.number, "AddrType": _BILLING, holder: wanted.holder}
    session.write(_WRITE, values | dict(wanted.fields))
    if _stands(session, header, wanted) is False:
        raise unverified(Evidence(reference=effect.order_no))


def _editable(session: Session, number: int) -> bool:
    said = mapping.yes_or_no(session.read(_ASK, {"OrderNr": number}).scalar)
    if said is None:
        raise Trouble(Kind.BAD_ANSWER, _ASK)
    return said
