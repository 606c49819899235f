"""The pages `…/capture.aspx` and so on, in any spelling of their names, by POST or GET."""

import asyncio
import hashlib

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.convertors import Convertor, register_url_convertor

from domain.authorization.facts import Origin
from domain.errors import HoldfastError
from paygate.codes import Code
from paygate.formats import Message, Violation, check, judge
from storage.authorization_list import AuthorizationRow
from storage.messages import message_operation_id
from web.paygate.actions import COUNTS_AS_FAILED, KINDS, action_of, counted, done, request_id_of
from web.paygate.answers import answer, early_failure
from web.paygate.inquiring import standing
from web.paygate.outcomes import (
    NOT_DONE_HERE,
    OTHER_CASE,
    OTHER_CURRENCY,
    STILL_OPEN,
    SUCCEEDED,
    failed,
)
from web.paygate.payments import by_pay_id, find, newest, pay_id
from web.paygate.reading import Form, Unreadable, clear_parameters, opened
from web.services import Services, ServicesDep
from workflows.messages import HoldMessage

log = structlog.get_logger()

INQUIRE_BY_CASE = "inquire24"
_DONE_HERE = {one.value: one for one in Message if one is not Message.DIRECT}
_ELSEWHERE = "this page stays with the provider: send first authorizations there"
_METHODS = ["GET", "POST"]


class _Page(Convertor[str]):
    regex = r"[A-Za-z0-9]{1,40}\.(?i:aspx)"

    def convert(self, value: str) -> str:
        return value.lower().removesuffix(".aspx")

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("aspx", _Page())
router = APIRouter(include_in_schema=False)


@router.api_route("/{page:aspx}", methods=_METHODS)
@router.api_route("/paygate/{page:aspx}", methods=_METHODS)
async def paygate_page(request: Request, services: ServicesDep) -> Response:
    """One form. Whatever happens, the answer has Paygate's shape."""
    page = str(request.path_params["page"])
    bound = log.bind(page=page)
    try:
        clear = clear_parameters(await request.body(), request.url.query)
        form = await asyncio.to_thread(opened, services.forms, clear)
    except Unreadable as problem:
        bound.warning("form.unreadable", why=problem.why)
        return early_failure()
    except HoldfastError as error:
        bound.error("form.not_read", reason=type(error).__name__)
        return early_failure(http_status=503)
    except Exception:
        bound.exception("form.failed")
        return early_failure(http_status=500)
    try:
        return await _answered(services, page, form)
    except Exception as error:
        # it may have been taken in: only the books can tell
        tell = bound.error if isinstance(error, HoldfastError) else bound.exception
        tell("form.failed", account=form.merchant.account, reason=type(error).__name__)
        return answer(form, STILL_OPEN)


async def _answered(services: Services, page: str, form: Form) -> Response:
    if page == INQUIRE_BY_CASE:
        return await _inquired_by_case(services, form)
    if page not in _DONE_HERE:
        return answer(form, failed(NOT_DONE_HERE, _ELSEWHERE))
    message = _DONE_HERE[page]
    if wrong := check(message, form.fields):
        await _count(services, message, form, wrong)
        return answer(form, failed(wrong[0].code, wrong[0].sentence))
    row = await asyncio.to_thread(_found, services, form)
    if isinstance(row, Code):
        text = "the TransID is not that of this payment" if row == OTHER_CASE else "there is no such payment"
        return answer(form, failed(row, text))
    if message is Message.INQUIRE:
        return await _inquired(services, form, row)
    return await _acted(services, message, form, row)


async def _acted(services: Services, page: Message, form: Form, row: AuthorizationRow) -> Response:
    request_id = await asyncio.to_thread(request_id_of, services, row, page, form.fields)
    more = [("XID", _xid(row, request_id)), ("RefNr", row.payout_reference)]
    currency = form.fields.get("Currency").upper()
    if currency and row.currency and currency != row.currency:
        if page in COUNTS_AS_FAILED:
            await counted(services, row, KINDS[page], request_id, Origin.FORM)
        wrong = failed(OTHER_CURRENCY, "the payment is in another currency")
        return answer(form, wrong, more, pay=pay_id(row.reference))
    action = action_of(page, form.fields)
    wanted = HoldMessage(request_id, action, origin=Origin.FORM, actor=f"form/{form.merchant.merchant_id}")
    result = await done(services, row, wanted)
    log.info("form.answered", page=page.value, authorization=row.workflow_id, code=str(result.code))
    return answer(form, result, more, pay=pay_id(row.reference))


async def _inquired(services: Services, form: Form, row: AuthorizationRow) -> Response:
    state = await asyncio.to_thread(services.authorization_list.state, row.workflow_id)
    return answer(form, SUCCEEDED, standing(row, state), pay=pay_id(row.reference))


async def _inquired_by_case(services: Services, form: Form) -> Response:
    mine = form.merchant
    case = form.fields.get("TransID")
    if wrong := judge("TransID", case, needed=True):
        return answer(form, failed(wrong.code, wrong.sentence))
    row = await asyncio.to_thread(newest, services.authorization_list, mine.tenant, mine.account, case)
    if isinstance(row, Code):
        return answer(form, failed(row, "there is no such payment"))
    return await _inquired(services, form, row)


async def _count(services: Services, page: Message, form: Form, wrong: tuple[Violation, ...]) -> None:
    """A request that breaks its format is a failed action of the payment that it names beyond doubt."""
    fields, mine = form.fields, form.merchant
    named = {one.field for one in wrong}
    if page not in COUNTS_AS_FAILED or "PayID" in named:
        return
    row = await asyncio.to_thread(
        by_pay_id, services.authorization_list, mine.tenant, mine.account, fields.get("PayID")
    )
    if row is None and "TransID" not in named:
        found = await asyncio.to_thread(_found, services, form)
        row = None if isinstance(found, Code) else found
    if row is None or ("TransID" not in named and fields.get("TransID") != row.case_reference):
        return
    said = hashlib.sha256(repr(sorted(fields.pairs)).encode()).hexdigest()[:24]
    await counted(services, row, KINDS[page], f"form/{page.value}//malformed/{said}", Origin.FORM)


def _found(services: Services, form: Form) -> AuthorizationRow | Code:
    mine, fields = form.merchant, form.fields
    known = services.authorization_list
    return find(known, mine.tenant, mine.account, fields.get("PayID"), fields.get("TransID"))


def _xid(row: AuthorizationRow, request_id: str) -> str:
    """An id of the action, the same for a repetition."""
    return hashlib.sha256(message_operation_id(row.workflow_id, request_id).encode()).hexdigest()[:32]
