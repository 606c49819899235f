"""One API request from the socket to the answer: caller, key, parameters, armed faults, log entry, headers."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.kit.faults import Fault
from sandboxes.kit.serving import play
from sandboxes.stripe import specials
from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.arriving import asked_of, check_account, refuse_unknown, version_of, watch_manners
from sandboxes.stripe.auth import RateLimit, identify, permit
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.expanding import check_paths, expand
from sandboxes.stripe.facts import facts_of
from sandboxes.stripe.idempotency import LONGEST, Answer, fingerprint
from sandboxes.stripe.params import Hash
from sandboxes.stripe.programs import Outcome
from sandboxes.stripe.server import Owner, Server
from sandboxes.stripe.side import Side

Handler = Callable[["Call"], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """One call of the API. `name` is what faults are armed for, `kind` the object that it answers with."""

    name: str
    method: str
    path: str
    takes: Hash
    handler: Handler
    kind: str
    group: str
    public: bool = False  # open to publishable keys


@dataclass
class Call:
    """What a handler gets."""

    request: Request
    owner: Owner
    params: dict[str, Any] = field(default_factory=dict)
    special: Fault | None = None

    @property
    def side(self) -> Side:
        return self.owner.side

    @property
    def account(self) -> StripeAccount:
        return self.owner.account

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    @property
    def forced(self) -> Outcome | None:
        """What an armed fault makes the issuer say. Raises ApiError for a decline that nobody knows."""
        try:
            return specials.forced_outcome(self.special)
        except ValueError as error:
            raise invalid(f"The armed fault cannot be played: {error}") from error


@dataclass
class _Exchange:
    """What belongs to one request while it is answered."""

    route: Route
    call: Call
    key: str
    request_id: str
    asked: dict[str, Any]
    note: dict[str, Any]

    def respond(self, status: int, text: str, **headers: str) -> Response:
        sent = {"Request-Id": self.request_id, "Stripe-Version": version_of(self.call.request), **headers}
        if self.key:
            sent["Idempotency-Key"] = self.key
        return Response(text, status, sent, media_type="application/json")

    def refuse(self, error: ApiError) -> Response:
        self.note["error"] = error.code or error.kind
        return self.respond(error.status, json.dumps(error.body()), **error.headers)


def endpoint(route: Route, limit: RateLimit) -> Callable[[Request], Awaitable[Response]]:
    """The Starlette endpoint of a call; `limit` counts over all calls."""

    async def answer(request: Request) -> Response:
        server: Server = request.app.state.server
        try:
            owner = identify(server, request.headers.get("authorization", ""))
        except ApiError as error:
            return refuse_unknown(request, error)
        side, account = owner.side, owner.account
        account.origin = str(request.base_url).rstrip("/")
        problem: ApiError | None = None
        asked: dict[str, Any] = {}
        try:
            asked = await asked_of(request)
        except ApiError as error:
            problem = error
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        request_id = side.request_ids.new("req", 14)
        facts = {name: account.mask(one) for name, one in facts_of(side, request.path_params, asked, key).items()}
        note: dict[str, Any] = {"mode": side.mode, "request_id": request_id, "idempotency_key": key}
        note["query"] = account.mask(request.url.query)
        raw = (await request.body()).decode("utf-8", "replace")
        if account.mask(raw) != raw:
            note["body"] = account.mask(raw)
        exchange = _Exchange(route, Call(request, owner), key, request_id, asked, note)
        first = key not in side.keys.running

        async def work() -> Response:
            try:
                return _work(exchange, facts, limit, problem, first=first)
            except ApiError as error:
                return exchange.refuse(error)

        if key and first:
            side.keys.running.add(key)
        try:
            return await play(account, request, route.name, facts, work, note=note)
        finally:
            if key and first:
                side.keys.running.discard(key)

    return answer


def _work(
    exchange: _Exchange, facts: dict[str, str], limit: RateLimit, problem: ApiError | None, *, first: bool
) -> Response:
    """Everything between the log and the answer. Raises ApiError for a refusal that no key remembers."""
    call, route, key = exchange.call, exchange.route, exchange.key
    account = call.account
    watch_manners(call.request, account, route.name, key)
    limit.check(account)
    call.special = account.faults.take(route.name, facts, special=True)
    if call.special is not None:
        exchange.note["fault"] = call.special.name
        specials.refuse_by_early(call.special)
    if problem is not None:
        raise problem
    writes = call.request.method == "POST"
    permit(call.owner, route.group, write=writes, public=route.public)
    check_account(call.request, account)
    if key:
        replay = _replay(exchange, first=first)
        if replay is not None:
            return replay
    call.params = route.takes(exchange.asked)
    paths: list[str] = call.params.get("expand", [])
    check_paths(route.kind, paths, listed=route.name.endswith(".list"))
    account.agenda.run_due()
    return _execute(exchange, paths)


def _execute(exchange: _Exchange, paths: list[str]) -> Response:
    """Let the call take effect and remember its answer under the key."""
    call, route = exchange.call, exchange.route
    account, side = call.account, call.side
    try:
        with account.caused("api", exchange.request_id, exchange.key):
            if call.special is not None:
                specials.refuse_by(call.special)
            shown = route.handler(call)
            if call.special is not None and call.special.name == "server_error":
                raise specials.server_error(call.special.params)
        response = exchange.respond(200, json.dumps(expand(side, shown, paths)))
    except ApiError as error:
        response = exchange.refuse(error)
        if not error.kept:
            return response
    finally:
        if call.request.method == "POST":
            account.touch()
    if exchange.key:
        asked = fingerprint(call.request.method, call.request.url.path, exchange.asked)
        at = account.clock.now().timestamp()
        body = bytes(response.body).decode()
        side.keys.keep(exchange.key, Answer(asked, at, response.status_code, body, exchange.request_id))
        account.touch()
    if call.special is not None and call.special.name == "html":
        return specials.page_instead(call.special)
    return response


def _replay(exchange: _Exchange, *, first: bool) -> Response | None:
    """The remembered answer of this key, or None when it is new."""
    call, key = exchange.call, exchange.key
    if len(key) > LONGEST:
        raise invalid(f"Idempotency keys have up to {LONGEST} characters.")
    if not first:
        raise specials.in_use("another request using this idempotency key")
    asked = fingerprint(call.request.method, call.request.url.path, exchange.asked)
    try:
        known = call.side.keys.known(key, asked, call.account.clock.now().timestamp())
    except ApiError:
        call.account.violation("idempotency key with other parameters", key=key)
        raise
    if known is None:
        return None
    exchange.note["replayed"] = True
    headers = {"Idempotent-Replayed": "true", "Original-Request": known.request_id}
    return exchange.respond(known.status, known.body, **headers)
