"""The HTTP side of SOAP: Basic auth, WSDL, calls, faults, the quiet window, the size limit."""

import base64
import binascii
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.kit.serving import play
from sandboxes.pixi import calls
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.sandbox import Sandbox
from sandboxes.pixi.soap.envelope import write_answer, write_fault
from sandboxes.pixi.soap.procedure import Answer
from sandboxes.pixi.soap.request import SoapFault, SoapRequest, bind, read_request
from sandboxes.pixi.soap.specials import run_with
from sandboxes.pixi.soap.wsdl import write_wsdl
from sandboxes.pixi.walltime import in_quiet_window

BODY_LIMIT = 12 * 1024 * 1024
UNREADABLE = "(unreadable)"


class SoapEndpoint:
    """Answers `GET ?wsdl` and `POST` for every account; the URL the client used is the method namespace."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def of_account(self, request: Request) -> Response:
        """`/soap/pixi{ACC}/`: one path per database."""
        account = self._sandbox.find(request.path_params["account"])
        if account is None:
            return Response("no such database", 404, media_type="text/plain")
        return await self._serve(account, request)

    async def gateway(self, request: Request) -> Response:
        """`/tms/pixi/`: one path for everybody, the database follows from the user name."""
        user, _ = _credentials(request)
        account = next((one for one in self._sandbox.every() if user and one.settings.user == user), None)
        return await self._serve(account, request) if account is not None else _unauthorized()

    async def _serve(self, account: PixiAccount, request: Request) -> Response:
        if request.method == "GET":
            if not _authorized(account, request):
                return _unauthorized()
            if "wsdl" not in {key.lower() for key in request.query_params}:
                return Response("append ?wsdl", 400, media_type="text/plain")
            offered = calls.offered(account.settings)
            return _xml(write_wsdl(offered, _endpoint(request), account.settings), 200)
        if not await _body_within_limit(request):
            return Response("request entity too large", 413, media_type="text/plain")
        return await self._call(account, request)

    async def _call(self, account: PixiAccount, request: Request) -> Response:
        soap, problem = _read(await request.body())
        call = soap.method if soap is not None else UNREADABLE
        if in_quiet_window(account.now()):
            account.violation("quiet_window", call=call)
            self._sandbox.save(account)
        note: dict[str, Any] = {}

        async def work() -> Response:
            if not _authorized(account, request):
                return _unauthorized()
            if "xml" not in request.headers.get("content-type", "").lower():
                return Response("Bad Request: the content type must be XML", 400, media_type="text/plain")
            return self._answer(account, soap, problem, _endpoint(request), note)

        return await play(account, request, call, soap.facts() if soap is not None else {}, work, note=note)

    def _answer(
        self,
        account: PixiAccount,
        soap: SoapRequest | None,
        problem: SoapFault | None,
        endpoint: str,
        note: dict[str, Any],
    ) -> Response:
        soap_12 = soap is not None and soap.soap_12
        try:
            if soap is None:
                raise problem or SoapFault("InvalidXml", "The request cannot be read.")
            content = self._run(account, soap, endpoint, note)
        except SoapFault as fault:
            note["soap_fault"] = f"{fault.subcode}: {fault.reason}"
            return _xml(write_fault(fault.subcode, fault.reason, endpoint, soap_12=soap_12), 500, soap_12=soap_12)
        return _xml(content, 200, soap_12=soap_12)

    def _run(self, account: PixiAccount, soap: SoapRequest, endpoint: str, note: dict[str, Any]) -> bytes:
        procedure = calls.ALL.get(soap.method)
        if procedure is None or not procedure.offered(account.settings) or soap.namespace not in ("", endpoint):
            raise SoapFault("UnknownMethod", f"The method {soap.method} in {soap.namespace!r} does not exist.")
        args = bind(soap, procedure, endpoint, account.settings)

        def run() -> Answer:
            try:
                return procedure.run(account, args)
            finally:
                if procedure.writes:
                    self._sandbox.save(account)

        fault = account.faults.take(soap.method, soap.facts(), special=True)
        if fault is not None:
            note["fault"] = f"special: {fault.name}"
        answer = run() if fault is None else run_with(fault, procedure, run)
        note["rows"] = len(answer.rows) if answer.rows is not None else None
        note["result_code"] = answer.result_code
        columns = procedure.columns_for(account.settings)
        return write_answer(procedure, answer, endpoint, columns, soap_12=soap.soap_12)


def _read(body: bytes) -> tuple[SoapRequest | None, SoapFault | None]:
    try:
        return read_request(body), None
    except SoapFault as fault:
        return None, fault


def _endpoint(request: Request) -> str:
    """The URL as the client sees it, trailing slash included, query left out."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}{request.url.path}"


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _authorized(account: PixiAccount, request: Request) -> bool:
    user, password = _credentials(request)
    same_user = secrets.compare_digest(user.encode(), account.settings.user.encode())
    return secrets.compare_digest(password.encode(), account.settings.password.encode()) and same_user


def _unauthorized() -> Response:
    return Response("401 Unauthorized", 401, {"WWW-Authenticate": 'Basic realm="pixi"'}, media_type="text/plain")


def _xml(content: bytes, status: int, *, soap_12: bool = False) -> Response:
    kind = "application/soap+xml" if soap_12 else "text/xml"
    return Response(content, status, {"Content-Type": f"{kind}; charset=utf-8"})


async def _body_within_limit(request: Request) -> bool:
    """Reads the body, at most BODY_LIMIT of it into memory; the rest is read and thrown away."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= BODY_LIMIT:
            chunks.append(chunk)
        else:
            chunks.clear()
    if size > BODY_LIMIT:
        return False
    request._body = b"".join(chunks)  # what request.body() hands out from now on
    return True
