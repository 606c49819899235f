"""One database on the wire: requests from its WSDL, answers as rows, failures as `Trouble`."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import structlog

from adapters.pixi import mapping
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.description import Description
from adapters.pixi.envelope import Answer, parse
from adapters.pixi.texts import clean
from adapters.pixi.transport import Transport
from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.walltime import to_wall
from domain.ports import SendPermit

log = structlog.get_logger(__name__)

Value = str | int | bool | Decimal | datetime
_WHOLE_DOCUMENTS = frozenset({"pixiimportfindxml"})


class PixiClient:
    """Speaks to one database with one set of credentials; safe to share between threads."""

    def __init__(self, connection: PixiConnection, limits: Limits, wsdl_folder: Path | None) -> None:
        self._connection = connection
        self._limits = limits
        self._transport = Transport(connection, limits.answer_bytes)
        address = hashlib.sha256(f"{connection.base_url}\n{connection.user}".encode()).hexdigest()[:32]
        self._kept = wsdl_folder / f"{address}.wsdl" if wsdl_folder is not None else None
        self._description: Description | None = None
        self._described_at = 0.0
        self._loading = threading.Lock()

    @property
    def engine_name(self) -> str:
        return self._connection.engine_name

    def description(self, permit: SendPermit) -> Description:
        """What the database offers; read once and kept for a day, on disk too where a folder is set."""
        with self._loading:
            age = time.monotonic() - self._described_at
            if self._description is None or age > self._limits.wsdl_age.total_seconds():
                self._description = self._from_disk() or self._from_wire(permit)
                self._described_at = time.monotonic()
            return self._description

    def forget_description(self) -> None:
        """The database did not know what its WSDL promised: read it afresh next time."""
        with self._loading:
            self._description = None
            if self._kept is not None:
                self._kept.unlink(missing_ok=True)

    def _from_disk(self) -> Description | None:
        if self._kept is None:
            return None
        try:
            if time.time() - self._kept.stat().st_mtime > self._limits.wsdl_age.total_seconds():
                return None
            return Description(self._kept.read_bytes())
        except (OSError, Trouble):
            return None

    def _from_wire(self, permit: SendPermit) -> Description:
        permit()
        status, body = self._measured("wsdl", self._transport.description)
        kind = mapping.http_kind(status)
        if kind is not None:
            raise Trouble(kind, "wsdl")
        description = Description(body)
        if self._kept is not None:
            _write_whole(self._kept, body)
        return description

    def call(
        self, method: str, needed: Mapping[str, Value], optional: Mapping[str, Value], permit: SendPermit
    ) -> Answer:
        """Ask or tell the database once. `optional` parameters are left out where it does not know them.

        Raises `Trouble`; `NotSent` comes from the permit, which is asked immediately before each request.
        """
        description = self.description(permit)
        missing = [name for name in needed if not description.takes(method, name)]
        if not description.offers(method) or missing:
            raise Trouble(Kind.MISCONFIGURED, f"{method} is not installed as needed")
        values = {name: value for name, value in optional.items() if description.takes(method, name)} | dict(needed)
        body, action = description.request(method, {name: _wire(value) for name, value in values.items()})
        permit()
        status, raw = self._measured(method, lambda: self._transport.post(body, action))
        return self._judged(method, status, raw)

    def _judged(self, method: str, status: int, raw: bytes) -> Answer:
        try:
            answer = parse(raw, method, huge=method.lower() in _WHOLE_DOCUMENTS)
        except Trouble as unreadable:
            raise Trouble(mapping.http_kind(status) or unreadable.kind, method) from unreadable
        kind = mapping.trouble_in(answer, status)
        if kind is None:
            return answer
        if kind is Kind.MALFORMED:
            self.forget_description()
        raise Trouble(kind, method)

    def _measured(self, method: str, send: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        began = time.monotonic()
        status, size, failed = 0, 0, ""
        try:
            status, body = send()
            size = len(body)
            return status, body
        except Trouble as trouble:
            failed = trouble.kind.name.lower()
            raise
        finally:
            log.debug(
                "pixi.call",
                connection=self._connection.name,
                method=method,
                milliseconds=round((time.monotonic() - began) * 1000),
                status=status,
                bytes=size,
                failed=failed,
            )

    def close(self) -> None:
        self._transport.close()


def _wire(value: Value) -> str:
    """A value as the database's types want it."""
    match value:
        case bool():
            return "1" if value else "0"
        case datetime():
            return to_wall(value)
        case Decimal():
            return f"{value:f}"
        case str():
            return clean(value)
        case _:
            return str(value)


def _write_whole(path: Path, body: bytes) -> None:
    """Replace the file in one step; without the folder or the right to write the WSDL simply is not kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except OSError:
        log.warning("pixi.wsdl_not_kept")
