"""One API request from the socket to the answer: caller, body, armed faults, log entry, error body."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandboxes.kit.faults import Fault
from sandboxes.kit.serving import DroppedConnection, play
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.amounts import digits, to_minor
from sandboxes.unzer.auth import Caller, identify
from sandboxes.unzer.errors import ApiError, error_body
from sandboxes.unzer.ids import Ids
from sandboxes.unzer.server import Server

_NOBODY = Ids("nobody")
Handler = Callable[["Call"], Response]


@dataclass
class Call:
    """What a handler gets: the caller, the parsed body and the special fault it has to play."""

    request: Request
    server: Server
    caller: Caller
    body: dict[str, Any]
    special: Fault | None = None
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> UnzerAccount:
        return self.caller.account

    @property
    def public_key(self) -> str:
        return self.caller.pair.public_key

    @property
    def language(self) -> str:
        return self.request.headers.get("accept-language", "")

    def path(self, name: str) -> str:
        return str(self.request.path_params.get(name, ""))


class PlainJson(JSONResponse):
    """JSON that writes decimals as the four-place strings of the API."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, default=_plain).encode()


def _plain(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, Decimal) else str(value)


def settled(value: Any) -> Any:
    """A parsed body as it can be kept: decimals become the four-place strings of the API."""
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [settled(one) for one in value]
    return value


def route(name: str, handler: Handler, *, public: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of one call. `name` is what faults are armed for, `public` opens it to public keys."""

    async def endpoint(request: Request) -> Response:
        server: Server = request.app.state.server
        try:
            unknown = "API.320.000.002" if name == "authorize" else "API.710.000.002"
            caller = identify(server, request.headers.get("authorization", ""), unknown=unknown)
        except ApiError as error:
            return refusal(request, None, error)
        try:
            body = await read_body(request)
            problem = None
        except ApiError as error:
            body, problem = {}, error
        call = Call(request, server, caller, body)
        facts = facts_of(call)

        async def work() -> Response:
            try:
                if problem is not None:
                    raise problem
                if caller.public and not public:
                    raise ApiError("API.710.000.007")
                call.special = caller.account.faults.take(name, facts, special=True)
                if call.special is not None:
                    call.note["fault"] = call.special.name
                    refuse_by(call.special)
                return handler(call)
            except ApiError as error:
                return refusal(request, caller, error)

        raw = (await request.body()).decode("utf-8", "replace")
        if caller.account.mask(raw) != raw:
            call.note["body"] = caller.account.mask(raw)[:20_000]
        return await play(caller.account, request, name, facts, work, note=call.note)

    return endpoint


def refuse_by(fault: Fault) -> None:
    """Play the faults that are plain refusals: `error_in_200` and `decline`."""
    code = str(fault.params.get("code", "API.000.000.999"))
    if fault.name == "error_in_200":
        raise ApiError(code, status=200)
    if fault.name == "decline":
        raise ApiError(code, status=int(fault.params.get("status", 400)))


def dropped_or(fault: Fault) -> Response:
    """The answer of a `late_commit`: none, or a status when the fault names one."""
    status = fault.params.get("status")
    return DroppedConnection() if status is None else Response("no answer in time", int(status))


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; none is an empty one. Raises ApiError for anything else."""
    raw = await request.body()
    if not raw.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError("API.500.300.415")
    try:
        body = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ApiError("API.500.300.999", "the body is not JSON") from error
    if body is None or body == []:  # what some clients send for an empty object
        return {}
    if not isinstance(body, dict):
        raise ApiError("API.500.300.999", "the body is not a JSON object")
    return body


def facts_of(call: Call) -> dict[str, str]:
    """What faults may match: ids from the path and the references and the amount from the body."""
    account, body = call.account, call.body
    facts = {name: str(value) for name, value in call.request.path_params.items()}
    payment = account.payment_of(facts.pop("pid", ""), call.public_key)
    if payment is not None:
        facts["payment_id"], facts["payment_order_id"] = payment.id, payment.order_id
    named = (("invoiceId", "invoice_id"), ("paymentReference", "payment_reference"), ("orderId", "order_id"))
    for key, fact in named:
        if isinstance(body.get(key), str | int):
            facts[fact] = str(body[key])
    currency = payment.currency if payment is not None else str(body.get("currency") or "EUR")
    if body.get("amount") not in (None, ""):
        try:
            minor = to_minor(body["amount"], currency)
            facts["amount"] = f"{Decimal(minor).scaleb(-digits(currency)):.4f}"
            facts["amount_minor"] = str(minor)
        except ValueError:
            pass
    return {name: account.mask(value) for name, value in facts.items()}


def refusal(request: Request, caller: Caller | None, error: ApiError) -> Response:
    """The error body, kept so that `GET /errors/{id}` finds it again."""
    account = caller.account if caller is not None else None
    ids = account.ids if account is not None else _NOBODY
    prefix = account.prefix if account is not None else "s"
    body = error_body(
        error,
        error_id=f"{prefix}-err-{ids.trace()[:27]}",
        trace_id=ids.trace(),
        url=(account.settings.url_base if account is not None else "https://sbx-api.unzer.com") + request.url.path,
        timestamp=account.date() if account is not None else datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        language=request.headers.get("accept-language", ""),
        public=caller is not None and caller.public,
    )
    if account is not None:
        account.keep_error(body)
        account.touch()
    return PlainJson(body, error.status)
