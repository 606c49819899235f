"""How one database is reached, and the bounds that hold for every database."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class PixiConnection:
    """Address, credentials and times of one database. `base_url` is the endpoint, trailing slash included.

    Time-outs are seconds. `currency` is that of the shops, for answers that name none.
    """

    name: str
    base_url: str
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    engine_name: str = "holdfast"
    connect_timeout: float = 10.0
    read_timeout: float = 120.0
    currency: str = "EUR"


@dataclass(frozen=True)
class Limits:
    """Bounds of requests and answers; the defaults suit production, tests make them small."""

    answer_bytes: int = 256 * 1024 * 1024
    list_rows: int = 500  # rows asked for at first in lists that have no cursor
    waiting_rows: int = 10_000  # the same for what waits in every poll: few requests, however many stand there
    line_rows: int = 5_000  # the same for the lines of one order
    most_rows: int = 1_000_000  # never asked for more than this
    page: int = 200  # candidates handed over at once
    page_seconds: float = 20.0  # a page ends early when collecting it took that long
    first_look_back: timedelta = timedelta(days=1)  # where a poller without a cursor begins
    sweep_every: timedelta = timedelta(days=1)
    wsdl_age: timedelta = timedelta(days=1)
    documents_kept: int = 10_000  # shop documents of orders that are remembered
