"""One request from the socket to the answer: merchant, plaintext, armed faults, signature, fields, log entry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandboxes.kit.faults import Fault
from sandboxes.kit.serving import DroppedConnection, play
from sandboxes.paygate import wire
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.answers import action_answer, inquiry_answer, refusal_answer, renamed_answer
from sandboxes.paygate.authorizing import card_use
from sandboxes.paygate.cards import NotThatObject, card_data, json_object
from sandboxes.paygate.ciphers import Unreadable, signed_by
from sandboxes.paygate.codes import UNKNOWN_VALUE
from sandboxes.paygate.fields import CHANGING, SPELLING, Refused, validate
from sandboxes.paygate.operations import look, payment_of, perform
from sandboxes.paygate.server import Server
from sandboxes.paygate.steps import STOPS_BY_FAILURE, Wanted, stop_renewal

PAGES = {
    "direct.aspx": "direct",
    "capture.aspx": "capture",
    "credit.aspx": "credit",
    "reverse.aspx": "reverse",
    "cancelauth.aspx": "cancelauth",
    "inquire.aspx": "inquire",
    "inquire24.aspx": "inquire24",
    "refnrchange.aspx": "refnrchange",
}
UNEXPECTED = "<html><head><title>Error</title></head><body><h1>Unexpected exception</h1></body></html>"


async def endpoint(request: Request) -> Response:
    """Every page of the API, whatever its capitals."""
    call = PAGES.get(str(request.path_params["page"]).lower())
    if call is None:
        return HTMLResponse("<html><body><h1>404</h1>The page was not found.</body></html>", 404)
    server: Server = request.app.state.server
    clear = await wire.clear_parameters(request)
    account = server.by_merchant(clear.get("merchantid", ""))
    if account is None:
        return wire.early_failure()
    try:
        fields = wire.read(account.settings, clear)
    except Unreadable as problem:
        fields, note = {}, {"body": "", "fields": {}, "problem": str(problem)}
    else:
        shown = _shown(fields)
        note = {"body": "&".join(f"{name}={value}" for name, value in shown.items()), "fields": shown}
    facts = _facts(fields)
    one = Call(account, call, fields, facts, note)

    async def work() -> Response:
        return one.work()

    return await play(account, request, call, facts, work, note=note)


@dataclass
class Call:
    """A request of a known merchant; without fields when it could not be read."""

    account: PaygateAccount
    name: str
    fields: dict[str, str]
    facts: dict[str, str]
    note: dict[str, Any]

    def work(self) -> Response:
        """Let the request take effect and answer it."""
        noted = len(self.account.violations)
        response = self._work()
        if self.name in CHANGING or self.account.changed or len(self.account.violations) > noted:
            self.account.touch()
        return response

    def _work(self) -> Response:
        if not self.account.agenda.hold:
            self.account.agenda.run_due()
        special = self.account.faults.take(self.name, self.facts, special=True)
        if special is not None:
            self.note["fault"] = special.name
        if special is not None and special.name == "html":
            return HTMLResponse(UNEXPECTED)
        if not self.fields or not self._signed():
            return wire.early_failure()
        try:
            self._validate()
            if special is not None and special.name == "late_commit" and self.name in CHANGING:
                return self._put_off(special)
            answer = self._answer()
        except Refused as refused:
            answer = refusal_answer(self.account, self.fields, refused)
        self.note["answer"] = answer
        if special is not None and special.name == "plain":
            return wire.plain_answer(answer)
        return wire.answer(self.account.settings, answer)

    def _signed(self) -> bool:
        """Whether the signature is right; a missing one is judged with the other fields."""
        fields = self.fields
        given = fields.get("mac", "")
        if not given:
            self.account.violation("missing_mac", call=self.name, trans_id=fields.get("transid", ""))
            return True
        parts = [fields.get(name, "") for name in ("payid", "transid", "merchantid", "amount", "currency")]
        if signed_by(self.account.settings.hmac_key, given, *parts):
            return True
        self.account.violation("wrong_mac", call=self.name, trans_id=fields.get("transid", ""))
        return False

    def _validate(self) -> None:
        try:
            validate(self.account.settings, self.name, self.fields)
        except Refused:
            payment = self.account.payments.get(self.fields.get("payid", "").lower())
            if payment is not None and self.name in STOPS_BY_FAILURE:
                stop_renewal(self.account, payment, f"failed_{self.name}")
            raise
        if self.name in CHANGING and not self.fields.get("reqid"):
            self.account.violation("missing_req_id", call=self.name, trans_id=self.fields.get("transid", ""))

    def _answer(self) -> dict[str, str]:
        account, fields = self.account, self.fields
        if self.name in CHANGING:
            return action_answer(account, *perform(account, Wanted.by_api(self.name, fields)))
        if self.name == "inquire24":
            found = account.of_trans_id(fields["transid"])
            if not found:
                raise Refused(UNKNOWN_VALUE, "TransID")
            return inquiry_answer(account, look(account, found[-1]))
        payment = look(account, payment_of(account, fields["payid"].lower()))
        if self.name == "inquire":
            return inquiry_answer(account, payment)
        payment.ref_nr = fields["refnr"]
        account.changed[payment.pay_id] = payment
        return renamed_answer(account, payment)

    def _put_off(self, fault: Fault) -> Response:
        """Cut the connection now and let the request take effect later."""
        due = self.account.later(float(fault.params.get("seconds", 60)))
        kept = {name: value for name, value in self.fields.items() if name != "mac"}
        self.account.agenda.put_late(due, {"call": self.name, "fields": kept})
        return DroppedConnection()


def _facts(fields: Mapping[str, str]) -> dict[str, str]:
    """What faults may match."""
    named = {"payid": "pay_id", "transid": "trans_id", "refnr": "ref_nr", "reqid": "req_id", "orderdesc": "order_desc"}
    facts = {fact: fields[name] for name, fact in named.items() if name in fields}
    facts |= {name: fields[name] for name in ("amount", "currency") if name in fields}
    if "card" in fields:
        try:
            facts["initiator"] = card_use(fields).initiator
        except Refused:
            facts["initiator"] = ""
    return facts


def _shown(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields as they may be logged: no signature, no card number, JSON objects in clear."""
    shown = {}
    for name, value in fields.items():
        spelled = SPELLING.get(name, name)
        if name == "mac":
            shown[spelled] = "…"
        elif name == "card":
            shown[spelled] = _shown_card(value)
        elif name == "credentialonfile":
            shown[spelled] = _shown_object(value)
        else:
            shown[spelled] = value
    return shown


def _shown_card(value: str) -> str:
    try:
        data = card_data(value)
    except NotThatObject as error:
        return str(error)
    return json.dumps({"number": data.shown, "expiryDate": data.expiry, "brand": data.brand})


def _shown_object(value: str) -> str:
    try:
        return json.dumps(json_object(value))
    except NotThatObject as error:
        return str(error)
