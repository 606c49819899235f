"""Where batch files are handed in: checked as a whole, known again, stored with all their records, or refused."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from paygate.batch import Batch, open_batch
from paygate.batch_names import Phase, read_name
from paygate.batch_records import Action, Record
from paygate.errors import PaygateError
from paygate.lines import lines
from storage.authorization_terms import AuthorizationTermsBook
from storage.batches import Batches, BatchRow, NewBatch
from storage.form_access import FormAccess, FormAccessBook
from web.services import Services


class BatchRefused(Exception):
    """A whole file is refused; nothing of it runs. `conflict`: because of a file that came before."""

    def __init__(self, code: str, message: str, what_to_do: str, *, conflict: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.what_to_do = what_to_do
        self.conflict = conflict


@dataclass(frozen=True)
class BatchDesk:
    """Takes files in for the worker of batches."""

    forms: FormAccessBook
    terms: AuthorizationTermsBook
    batches: Batches
    now: Callable[[], datetime]

    def take_in(self, tenant: str, name: str, content: bytes, *, actor: str, source: str) -> tuple[str, bool]:
        """The id of the batch, and False when this very file was here before. Raises `BatchRefused`."""
        access = self._account(tenant, content)
        try:
            named = read_name(name, access.merchant_id)
            batch = open_batch(content, access.merchant_id)
        except PaygateError as error:
            raise BatchRefused(error.code.value.replace("-", "_"), error.sentence, "Nothing of it was done.") from None
        if named.phase is not Phase.TRANSFERRED:
            raise BatchRefused(
                "file_phase", "Only files that begin with T are taken in.", "W and P are files that are here already."
            )
        if named.day != batch.head.day:
            raise BatchRefused("file_day", "Name and HEAD line tell different days.", "Give both the same day.")
        self._check_realtime(access, batch)
        digest = hashlib.sha256(content).hexdigest()
        batch_id = hashlib.sha256(f"{access.account}\n{name}".encode()).hexdigest()[:32]
        new = NewBatch(
            id=batch_id,
            tenant=tenant,
            account=access.account,
            merchant_id=access.merchant_id,
            name=name,
            sha256=digest,
            content=content,
            records=batch.foot.count,
            actor=actor,
            source=source,
            received_at=self.now(),
        )
        known = self.batches.take_in(new, batch.lines())
        if known is None:
            return batch_id, True
        return _again(known, new), False

    def _account(self, tenant: str, content: bytes) -> FormAccess:
        _, first = next(iter(lines(content)), (0, b""))
        parts = first.decode("iso-8859-1")[:200].split(",")
        merchant_id = parts[1] if len(parts) > 1 and parts[0] == "HEAD" else ""
        mine = [one for one in self.forms.accounts(merchant_id) if one.tenant == tenant] if merchant_id else []
        if len(mine) != 1:
            raise BatchRefused(
                "file_merchant",
                "The first line names no MerchantID of yours.",
                "It is HEAD, the MerchantID, the day as YYYYMMDD and the version 1.2 or 1.4.",
            )
        return mine[0]

    def _check_realtime(self, access: FormAccess, batch: Batch) -> None:
        if not self.terms.current(access.tenant, access.account).realtime:
            return
        if any(isinstance(one, Record) and one.action is Action.CAPTURE for one in batch.records()):
            raise BatchRefused(
                "realtime_with_batch",
                "This account splits remainders in realtime, which captures by batch file exclude.",
                "Capture by form or API, or agree on terms without realtime.",
            )


def desk_of(services: Services) -> BatchDesk:
    """The desk of a starter."""
    return BatchDesk(services.forms, services.terms, services.batches, services.now)


def _again(known: BatchRow, new: NewBatch) -> str:
    if (known.name, known.sha256) == (new.name, new.sha256):
        return known.id
    if known.name == new.name:
        raise BatchRefused(
            "name_taken",
            "A file of this name and other content was here before.",
            "Give the file the next counter of the day.",
            conflict=True,
        )
    raise BatchRefused(
        "content_known",
        f"The same content came as {known.name}.",
        "It is carried out once. Change the file if its records are meant once more.",
        conflict=True,
    )
