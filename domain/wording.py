"""Texts for merchants, in German and English: comments on the ERP order, problems, and what an order waits for.

A text has a code and named parameters and nothing else; whoever raises it decides the code, here stand the sentences.
Amounts, days and numbers come as ready strings. A parameter that is itself a code (of a problem, an operation, a
reason, a system) is put into words here, and an instant of what an order waits for into Berlin wall time. A missing or
surplus parameter and an unknown code raise `ValueError`.

Every text fits Windows-1252, for the ERP keeps comments in that character set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from domain.operations import Note
from domain.tenant_config import Language
from domain.windows import BERLIN

Params = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class ProblemText:
    """One problem in words: the cause for a subject line, what happened, and what the merchant should do."""

    cause_short: str
    what_happened: str
    what_to_do: str


@dataclass(frozen=True)
class _Text:
    """One text in both languages.

    `{name}` stands for a parameter, `{name:words}` for a code put into words, `{name:instant}` for an ISO instant that
    is shown in Berlin wall time.
    """

    german: str
    english: str

    def in_(self, language: Language) -> str:
        return self.german if language is Language.GERMAN else self.english


def comment_text(note: Note, language: Language, at: datetime) -> str:
    """The comment on the ERP order for what was done at `at` (UTC), with the Berlin date and time in front."""
    return f"{instant_text(at, language)}: {_filled(_COMMENTS, note.code, note.params, language)}"


def problem_text(code: str, params: Params, language: Language) -> ProblemText:
    """The words for one problem of `domain.problems.CATALOGUE`; only *what happened* takes parameters."""
    return ProblemText(
        cause_short(code, language),
        _filled(_HAPPENED, code, params, language),
        _filled(_TO_DO, code, (), language),
    )


def cause_short(code: str, language: Language) -> str:
    """A problem in a few words, the same for every order."""
    return _filled(_CAUSES, code, (), language)


def why_text(code: str, params: Params, language: Language) -> str:
    """What an order waits for, in one sentence."""
    return _filled(_WAITS, code, params, language)


def operation_text(code: str, language: Language) -> str:
    """The name of an operation (`domain.operations.Kind`)."""
    return _filled(_OPERATIONS, code, (), language)


def reason_text(code: str, language: Language) -> str:
    """A reason code of `domain.reasons` in a few words; '' means that none was given."""
    return _filled(_REASONS, code, (), language)


def instant_text(at: datetime, language: Language) -> str:
    """Berlin wall time of an aware instant, to the minute."""
    if at.tzinfo is None:
        raise ValueError("the instant needs a zone")
    local = at.astimezone(BERLIN)
    return f"{local:%d.%m.%Y, %H:%M} Uhr" if language is Language.GERMAN else f"{local:%Y-%m-%d, %H:%M}"


def parameters(code: str) -> tuple[str, ...]:
    """The names that the comment or waiting text `code` needs, in the order of its German sentence."""
    table = _COMMENTS if code in _COMMENTS else _WAITS
    return _names(_text(table, code).german)


def problem_parameters(code: str) -> tuple[str, ...]:
    """The names that the problem `code` needs."""
    return _names(_text(_HAPPENED, code).german)


def _text(table: Mapping[str, _Text], code: str) -> _Text:
    if code not in table:
        raise ValueError(f"there is no text {code!r}")
    return table[code]


def _names(template: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))


def _filled(table: Mapping[str, _Text], code: str, params: Params, language: Language) -> str:
    template = _text(table, code).in_(language)
    pairs = list(params.items() if isinstance(params, Mapping) else params)
    given = dict(pairs)
    wanted = _names(template)
    if len(given) != len(pairs) or given.keys() != set(wanted):
        got = ", ".join(sorted(name for name, _ in pairs)) or "nothing"
        raise ValueError(f"the text {code!r} takes {', '.join(wanted) or 'nothing'}, not {got}")
    return "".join(
        literal + (_value(given[name], words or "", language) if name else "")
        for literal, name, words, _ in Formatter().parse(template)
    )


def _value(value: str, words: str, language: Language) -> str:
    if words == "instant":
        return _readable(value, language)
    return _filled(_WORDS[words], value, (), language) if words else value


def _readable(value: str, language: Language) -> str:
    """An ISO instant with a zone as Berlin wall time; anything else stays as it is."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if at.tzinfo is None else instant_text(at, language)


_CAUSES = {
    "payment_pending": _Text("Zahlung noch nicht abgeschlossen", "Payment not finished yet"),
    "payment_unreadable": _Text("Zahlung zurzeit nicht abrufbar", "Payment cannot be read at present"),
    "waiting_for_transfer": _Text("Wartet auf die Überweisung", "Waiting for the bank transfer"),
    "transfer_too_little": _Text("Zu wenig überwiesen", "Transfer too small"),
    "transfer_too_much": _Text("Zu viel überwiesen", "Transfer too large"),
    "transfer_overdue": _Text("Überweisung bleibt aus", "Bank transfer overdue"),
    "shipped_unpaid": _Text("Ohne Zahlungseingang versandt", "Shipped before payment arrived"),
    "hold_aging": _Text("Autorisierung wird alt", "Authorization is getting old"),
    "settlement_late": _Text("Ausgleich verspätet", "Clearing is late"),
    "cancel_wished": _Text("Stornierung gewünscht", "Cancellation requested"),
    "workflow_cancelled": _Text("Abbruch in Temporal verlangt", "Stop requested in Temporal"),
    "give_back_late": _Text("Rückgabe verspätet", "Giving back is late"),
    "payment_id_missing": _Text("Zahlungs-ID fehlt", "Payment ID missing"),
    "payment_unknown": _Text("Zahlung beim Anbieter unbekannt", "Payment unknown to the provider"),
    "payment_declined": _Text("Zahlung abgelehnt", "Payment declined"),
    "amount_differs": _Text("Betrag weicht ab", "Amount differs"),
    "currency_differs": _Text("Währung weicht ab", "Currency differs"),
    "payment_tag_differs": _Text("Zahlungsart-Kennung weicht ab", "Payment tag differs"),
    "payment_voided": _Text("Autorisierung wurde aufgehoben", "Authorization was voided"),
    "payment_given_back": _Text("Zahlung wurde schon zurückgegeben", "Payment was given back already"),
    "bank_data_missing": _Text("Überweisungsdaten fehlen im ERP", "Transfer data missing in the ERP"),
    "unsupported_method": _Text("Zahlungsart nicht unterstützt", "Payment method not supported"),
    "pay_back_by_transfer": _Text("Durch Überweisung zurückzahlen", "Pay back by transfer"),
    "invoices_exceed_order": _Text("Rechnungen übersteigen den Auftrag", "Invoices exceed the order"),
    "capture_failed": _Text("Einzug fehlgeschlagen", "Capture failed"),
    "shipment_failed": _Text("Versandmeldung fehlgeschlagen", "Report of the shipment failed"),
    "capture_unverified": _Text("Versandt, aber Zahlung nie bestätigt", "Shipped although never verified"),
    "authorization_expired": _Text("Autorisierung abgelaufen", "Authorization expired"),
    "booking_failed": _Text("Buchung im ERP fehlgeschlagen", "Booking in the ERP failed"),
    "erp_refused": _Text("ERP hat abgelehnt", "ERP refused"),
    "outcome_unknown": _Text("Ergebnis bleibt unklar", "Outcome remains unknown"),
    "misconfigured": _Text("Zugangsdaten oder Einstellungen falsch", "Credentials or settings wrong"),
    "cancellation_by_hand": _Text("Storno von Hand abschließen", "Finish the cancellation by hand"),
    "credit_note_by_hand": _Text("Gutschrift von Hand erstatten", "Refund the credit note by hand"),
    "cancellation_failed": _Text("Storno beim Anbieter fehlgeschlagen", "Cancellation at the provider failed"),
    "refund_failed": _Text("Erstattung fehlgeschlagen", "Refund failed"),
    "credit_note_settled": _Text("Gutschrift schon ausgeglichen", "Credit note settled already"),
    "refund_exceeds": _Text("Erstattung höher als das Eingezogene", "Refund higher than what was captured"),
    "refund_incomplete": _Text("Nur teilweise erstattet", "Refunded in part only"),
    "refunded_by_hand": _Text("Vielleicht schon von Hand erstattet", "Perhaps refunded by hand already"),
    "credit_notes_exceed_return": _Text("Mehr Gutschriften als Retouren", "More credit notes than returns"),
    "invoice_by_hand": _Text("Rechnung von Hand angelegt", "Invoice made by hand"),
    "chargeback": _Text("Zahlung wurde angefochten", "Payment was charged back"),
    "taken_over_unclear": _Text("Übernahme: bitte entscheiden", "Taken over: please decide"),
}

_HAPPENED = {
    "payment_pending": _Text(
        "Die Bestellung wurde importiert, bevor der Zahlungsanbieter über die Zahlung entschieden hat. Sie bleibt "
        "angehalten.",
        "The order was imported before the payment provider decided about the payment. It stays on hold.",
    ),
    "payment_unreadable": _Text(
        "Die Zahlung ließ sich beim Anbieter nicht abrufen ({reason:reason}). Die Bestellung bleibt, wie sie ist.",
        "The payment could not be read at the provider ({reason:reason}). The order stays as it is.",
    ),
    "waiting_for_transfer": _Text(
        "Die Bestellung ist freigegeben und für den Versand gesperrt, bis {expected} eingegangen sind.",
        "The order is released and locked for shipping until {expected} have arrived.",
    ),
    "transfer_too_little": _Text(
        "Eingegangen sind {received}, erwartet werden {expected}. Die Versandsperre bleibt gesetzt.",
        "{received} have arrived, {expected} are expected. The shipping lock stays set.",
    ),
    "transfer_too_much": _Text(
        "Eingegangen sind {received}, erwartet wurden nur {expected}. Die Bestellung läuft weiter.",
        "{received} have arrived, only {expected} were expected. The order goes on.",
    ),
    "transfer_overdue": _Text(
        "Seit {days} Tagen ist die erwartete Überweisung nicht vollständig eingegangen.",
        "For {days} days the expected bank transfer has not arrived in full.",
    ),
    "shipped_unpaid": _Text(
        "Die Ware zur Rechnung {invoice} wurde versandt, obwohl kein Zahlungseingang gemeldet ist. Die Rechnung "
        "wurde nicht ausgeglichen.",
        "The goods of invoice {invoice} were shipped although no payment has been reported. The invoice was not "
        "cleared.",
    ),
    "hold_aging": _Text(
        "Die Autorisierung ist {days} Tage alt und noch nicht vollständig eingezogen. Wie lange sie gilt, ist "
        "zwischen Ihnen und dem Anbieter vereinbart.",
        "The authorization is {days} days old and not fully captured. How long it is valid is agreed between you "
        "and the provider.",
    ),
    "settlement_late": _Text(
        "Die Rechnung {invoice} ist noch nicht ausgeglichen, obwohl die Voraussetzungen seit Längerem erfüllt sind.",
        "Invoice {invoice} is not cleared yet although its conditions have been met for a while.",
    ),
    "cancel_wished": _Text(
        "Der Shop oder ein Mitarbeiter möchte diese Bestellung stornieren. Am Geld wurde nichts geändert.",
        "The shop or a member of staff wants this order cancelled. The money was not touched.",
    ),
    "workflow_cancelled": _Text(
        "In Temporal wurde der Ablauf dieser Bestellung abgebrochen. Holdfast betreut die Bestellung weiter.",
        "The workflow of this order was cancelled in Temporal. Holdfast keeps looking after the order.",
    ),
    "give_back_late": _Text(
        "{operation:operation} ist beim Zahlungsanbieter noch nicht bestätigt, obwohl der Vorgang seit Längerem läuft.",
        "{operation:operation} is not confirmed by the payment provider yet although it has been going on for a while.",
    ),
    "payment_id_missing": _Text(
        "Die Bestellung trägt keine Zahlungs-ID. Ohne sie lässt sich die Zahlung nicht prüfen.",
        "The order carries no payment ID. Without it the payment cannot be checked.",
    ),
    "payment_unknown": _Text(
        "Der Zahlungsanbieter kennt die Zahlung {payment_id} nicht.",
        "The payment provider does not know the payment {payment_id}.",
    ),
    "payment_declined": _Text(
        "Der Zahlungsanbieter hat die Zahlung dieser Bestellung abgelehnt.",
        "The payment provider declined the payment of this order.",
    ),
    "amount_differs": _Text(
        "Die Bestellung lautet auf {order}, die Zahlung auf {payment}. Der Unterschied übersteigt die erlaubte "
        "Rundungsdifferenz.",
        "The order amounts to {order}, the payment to {payment}. The difference exceeds the rounding tolerance.",
    ),
    "currency_differs": _Text(
        "Die Bestellung ist in {order}, die Zahlung in {payment} geführt.",
        "The order is in {order}, the payment in {payment}.",
    ),
    "payment_tag_differs": _Text(
        "Das Importdokument nennt die Zahlungsart „{found}“, eingestellt ist „{expected}“.",
        "The import document names the payment method “{found}”, the configuration expects “{expected}”.",
    ),
    "payment_voided": _Text(
        "Die Zahlung wurde beim Anbieter vollständig aufgehoben. Es ist kein Geld mehr reserviert.",
        "The payment was voided completely at the provider. No money is held any more.",
    ),
    "payment_given_back": _Text(
        "Die Bestellung war vollständig storniert, und ihre Zahlung wurde zurückgegeben. Nun geht sie weiter.",
        "The order was cancelled completely and its payment given back. Now the order goes on.",
    ),
    "bank_data_missing": _Text(
        "Die Überweisungsdaten konnten nicht in die Bestellung geschrieben werden ({reason:reason}). Die Rechnung "
        "druckt sie daher nicht.",
        "The transfer data could not be written into the order ({reason:reason}). The invoice will not print them.",
    ),
    "unsupported_method": _Text(
        "Die Bestellung wurde mit „{method}“ bezahlt. Holdfast bearbeitet diese Zahlungsart nicht.",
        "The order was paid with “{method}”. Holdfast does not handle this payment method.",
    ),
    "pay_back_by_transfer": _Text(
        "{amount} sind zu erstatten, aber diese Zahlungsart lässt keine Erstattung zu.",
        "{amount} are to be refunded, but this payment method allows no refunds.",
    ),
    "invoices_exceed_order": _Text(
        "Mit der Rechnung {invoice} ergeben die Rechnungen zusammen {sum}, der Auftrag lautet auf {order}. Die "
        "Rechnung wurde nicht ausgeglichen.",
        "With invoice {invoice} the invoices add up to {sum}, the order amounts to {order}. The invoice was not "
        "cleared.",
    ),
    "capture_failed": _Text(
        "Der Zahlungsanbieter hat den Einzug von {amount} abgelehnt ({reason:reason}).",
        "The payment provider refused the capture of {amount} ({reason:reason}).",
    ),
    "shipment_failed": _Text(
        "Der Zahlungsanbieter hat die Meldung des Versands abgelehnt ({reason:reason}). Die Zahlungsfrist des Kunden "
        "läuft nicht, die Rechnungen wurden nicht ausgeglichen.",
        "The payment provider refused the report of the shipment ({reason:reason}). The customer's time to pay has not "
        "begun, and the invoices were not cleared.",
    ),
    "capture_unverified": _Text(
        "Die Ware zur Rechnung {invoice} wurde versandt, obwohl die Prüfung der Zahlung nie bestanden wurde. Es "
        "wurde nichts eingezogen.",
        "The goods of invoice {invoice} were shipped although the payment never passed its check. Nothing was "
        "captured.",
    ),
    "authorization_expired": _Text(
        "{amount} können nicht mehr eingezogen werden, denn die Autorisierung gilt nicht mehr. Holdfast versucht es "
        "nicht noch einmal.",
        "{amount} can no longer be captured, because the authorization is not valid any more. Holdfast will not "
        "try again.",
    ),
    "booking_failed": _Text(
        "Die Zahlung von {amount} ist in Ordnung, aber das ERP hat die Buchung zur Rechnung {invoice} nicht "
        "angenommen.",
        "The payment of {amount} is in order, but the ERP did not accept the booking of invoice {invoice}.",
    ),
    "erp_refused": _Text(
        "Das ERP hat den Vorgang „{operation:operation}“ abgelehnt ({reason:reason}).",
        "The ERP refused the operation “{operation:operation}” ({reason:reason}).",
    ),
    "outcome_unknown": _Text(
        "Auf den Vorgang „{operation:operation}“ kam auch nach mehreren Rückfragen keine eindeutige Antwort. Er kann "
        "ausgeführt worden sein oder nicht.",
        "The operation “{operation:operation}” got no clear answer, even after several inquiries. It may have taken "
        "effect or not.",
    ),
    "misconfigured": _Text(
        "Die Zugangsdaten oder Einstellungen für {system:system} fehlen oder wurden abgelehnt. Bis sie stimmen, "
        "ruht die Bestellung.",
        "The credentials or settings for {system:system} are missing or were refused. The order rests until they "
        "are right.",
    ),
    "cancellation_by_hand": _Text(
        "Alle Positionen sind storniert. Eingezogen sind {captured}, noch reserviert sind {held}.",
        "All lines are cancelled. {captured} have been captured, {held} are still held.",
    ),
    "credit_note_by_hand": _Text(
        "Zur Bestellung gibt es die Gutschrift {credit_note} über {amount}. Holdfast hat nichts erstattet.",
        "The order has the credit note {credit_note} of {amount}. Holdfast refunded nothing.",
    ),
    "cancellation_failed": _Text(
        "Die Bestellung ist storniert, aber der Zahlungsanbieter hat die Rückgabe von {amount} abgelehnt "
        "({reason:reason}).",
        "The order is cancelled, but the payment provider refused to give back {amount} ({reason:reason}).",
    ),
    "refund_failed": _Text(
        "Der Zahlungsanbieter hat die Erstattung von {amount} abgelehnt ({reason:reason}). Es wurde nichts gebucht.",
        "The payment provider refused the refund of {amount} ({reason:reason}). Nothing was booked.",
    ),
    "credit_note_settled": _Text(
        "Die Gutschrift {credit_note} über {amount} war schon ausgeglichen. Es wurde nichts erstattet.",
        "The credit note {credit_note} of {amount} was settled already. Nothing was refunded.",
    ),
    "refund_exceeds": _Text(
        "Zu erstatten wären {amount}, eingezogen und nicht erstattet sind nur {captured}. Es wurde nichts erstattet.",
        "{amount} would have to be refunded, but only {captured} are captured and not refunded. Nothing was refunded.",
    ),
    "refund_incomplete": _Text(
        "Von {amount} wurden nur {refunded} erstattet, den Rest hat der Zahlungsanbieter abgelehnt.",
        "Of {amount} only {refunded} were refunded, the payment provider refused the rest.",
    ),
    "refunded_by_hand": _Text(
        "Zu erstatten sind {amount}. Beim Zahlungsanbieter wurden von Hand {refunded} erstattet, die keiner Gutschrift "
        "zuzuordnen sind. Damit nichts doppelt zurückgeht, wurde nichts erstattet.",
        "{amount} are to be refunded. At the payment provider {refunded} went back by hand that belong to no credit "
        "note. So that nothing goes back twice, nothing was refunded.",
    ),
    "credit_notes_exceed_return": _Text(
        "Die Gutschrift {credit_note} über {amount} geht über die zurückgekommene Ware hinaus. Es wurde dafür nichts "
        "erstattet.",
        "The credit note {credit_note} of {amount} goes beyond the goods that came back. Nothing was refunded for it.",
    ),
    "invoice_by_hand": _Text(
        "Die Rechnung {invoice} über {amount} gehört zu keiner versandten Position. Sie wurde weder eingezogen noch "
        "ausgeglichen.",
        "The invoice {invoice} of {amount} belongs to no line that was shipped. It was neither captured nor cleared.",
    ),
    "chargeback": _Text(
        "Die Bank des Kunden hat {amount} zurückgeholt.",
        "The customer's bank took back {amount}.",
    ),
    "taken_over_unclear": _Text(
        "{operation:operation} {subject} ({amount}): Ob die frühere App das schon erledigt hat, lässt sich nicht "
        "erkennen. Holdfast hat es nicht getan.",
        "{operation:operation} {subject} ({amount}): it cannot be told whether the former app has done this already. "
        "Holdfast has not done it.",
    ),
}

_TO_DO = {
    "payment_pending": _Text(
        "Zunächst nichts: Holdfast sieht wieder nach. Prüfen Sie, warum der Shop Bestellungen vor dem Abschluss der "
        "Zahlung übergibt.",
        "Nothing for now: Holdfast will look again. Find out why the shop hands over orders before their payment is "
        "finished.",
    ),
    "payment_unreadable": _Text(
        "Nichts: Holdfast fragt weiter nach. Hält die Störung an, prüfen Sie die Meldungen des Anbieters.",
        "Nothing: Holdfast keeps asking. If the disturbance lasts, look at the provider's notices.",
    ),
    "waiting_for_transfer": _Text(
        "Nichts: mit dem Geldeingang wird die Sperre entfernt.",
        "Nothing: the lock is removed when the money arrives.",
    ),
    "transfer_too_little": _Text(
        "Bitten Sie den Kunden um den Rest, oder heben Sie die Sperre im ERP selbst auf.",
        "Ask the customer for the rest, or remove the lock in the ERP yourself.",
    ),
    "transfer_too_much": _Text(
        "Erstatten Sie dem Kunden den Überschuss beim Zahlungsanbieter.",
        "Refund the surplus to the customer at the payment provider.",
    ),
    "transfer_overdue": _Text(
        "Erinnern Sie den Kunden oder stornieren Sie die Bestellung im ERP. Holdfast storniert nie von selbst.",
        "Remind the customer, or cancel the order in the ERP. Holdfast never cancels by itself.",
    ),
    "shipped_unpaid": _Text(
        "Gleichen Sie die Rechnung von Hand aus, sobald das Geld da ist.",
        "Clear the invoice by hand once the money has arrived.",
    ),
    "hold_aging": _Text(
        "Versenden Sie bald oder klären Sie mit dem Anbieter, wie lange die Autorisierung noch gilt.",
        "Ship soon, or ask the provider how long the authorization will stay valid.",
    ),
    "settlement_late": _Text(
        "Sehen Sie auf der Seite der Bestellung nach, worauf sie wartet.",
        "See on the order's page what it is waiting for.",
    ),
    "cancel_wished": _Text(
        "Stornieren Sie die Positionen im ERP, oder markieren Sie den Hinweis als gelöst.",
        "Cancel the lines in the ERP, or mark the notice as solved.",
    ),
    "workflow_cancelled": _Text(
        "Nichts, wenn es ein Versehen war. Eine Bestellung endet nur dadurch, dass sie ausgeglichen ist.",
        "Nothing if it was a mistake. An order ends only by being settled.",
    ),
    "give_back_late": _Text(
        "Noch nichts. Wir fragen weiter nach und melden, wenn es scheitert.",
        "Nothing yet. We keep asking and report if it fails.",
    ),
    "payment_id_missing": _Text(
        "Tragen Sie die Zahlungs-ID im ERP nach und lassen Sie erneut prüfen, oder entfernen Sie die Versandsperre "
        "von Hand.",
        "Add the payment ID in the ERP and have the order looked at again, or remove the shipping lock by hand.",
    ),
    "payment_unknown": _Text(
        "Vergleichen Sie die Zahlungs-ID mit dem Shop und prüfen Sie, ob das richtige Händlerkonto hinterlegt ist.",
        "Compare the payment ID with the shop, and check that the right merchant account is configured.",
    ),
    "payment_declined": _Text(
        "Bitten Sie den Kunden um eine andere Zahlung oder stornieren Sie die Bestellung im ERP.",
        "Ask the customer to pay another way, or cancel the order in the ERP.",
    ),
    "amount_differs": _Text(
        "Vergleichen Sie Bestellung und Zahlung. Stimmt der Betrag danach, lassen Sie erneut prüfen.",
        "Compare order and payment. Once the amount is right, have the order looked at again.",
    ),
    "currency_differs": _Text(
        "Prüfen Sie, ob die Zahlung zu dieser Bestellung gehört, und berichtigen Sie die Zahlungs-ID im ERP.",
        "Check that the payment belongs to this order, and correct the payment ID in the ERP.",
    ),
    "payment_tag_differs": _Text(
        "Gleichen Sie die Einstellung der Zahlungsart mit dem Export des Shops ab und lassen Sie erneut prüfen.",
        "Bring the configured payment tag in line with the shop's export, and have the order looked at again.",
    ),
    "payment_voided": _Text(
        "Versenden Sie nicht. Lassen Sie den Kunden neu bezahlen oder stornieren Sie die Bestellung im ERP.",
        "Do not ship. Let the customer pay anew, or cancel the order in the ERP.",
    ),
    "payment_given_back": _Text(
        "Lassen Sie den Kunden neu bezahlen und tragen Sie die neue Zahlungs-ID ein, oder stornieren Sie wieder.",
        "Let the customer pay anew and enter the new payment ID, or cancel the order again.",
    ),
    "bank_data_missing": _Text(
        "Tragen Sie Empfänger, IBAN, BIC und Verwendungszweck aus der Zahlung von Hand in die Bestellung ein.",
        "Enter recipient, IBAN, BIC and payment reference of the payment into the order by hand.",
    ),
    "unsupported_method": _Text(
        "Bearbeiten Sie Zahlung und Ausgleich dieser Bestellung von Hand und entfernen Sie die Versandsperre.",
        "Handle payment and clearing of this order by hand, and remove the shipping lock.",
    ),
    "pay_back_by_transfer": _Text(
        "Überweisen Sie dem Kunden den Betrag und gleichen Sie das Kundenkonto von Hand aus.",
        "Transfer the amount to the customer, and clear the customer account by hand.",
    ),
    "invoices_exceed_order": _Text(
        "Prüfen Sie die Rechnungen. Fordern Sie den Mehrbetrag gesondert an und gleichen Sie die Rechnung von Hand "
        "aus.",
        "Check the invoices. Ask for the excess separately and clear the invoice by hand.",
    ),
    "capture_failed": _Text(
        "Klären Sie die Ablehnung mit dem Anbieter oder dem Kunden und lassen Sie die Bestellung erneut prüfen.",
        "Clear up the refusal with the provider or the customer, and have the order looked at again.",
    ),
    "shipment_failed": _Text(
        "Klären Sie mit dem Anbieter, ob die Zahlung noch gilt. Fordern Sie den Betrag sonst vom Kunden an.",
        "Clear up with the provider whether the payment is still valid. Otherwise ask the customer for the amount.",
    ),
    "capture_unverified": _Text(
        "Prüfen Sie die Zahlung beim Anbieter, ziehen Sie den Betrag dort ein oder fordern Sie ihn vom Kunden an.",
        "Check the payment at the provider, and capture the amount there or ask the customer for it.",
    ),
    "authorization_expired": _Text(
        "Fordern Sie den Betrag auf anderem Weg an. Noch nicht versandte Ware sollten Sie zurückhalten.",
        "Ask for the amount another way. Hold back goods that have not been shipped.",
    ),
    "booking_failed": _Text(
        "Sehen Sie im Kundenkonto nach und setzen Sie dort das Buchungsevent von Hand.",
        "Look at the customer account and set the booking event there by hand.",
    ),
    "erp_refused": _Text(
        "Sehen Sie sich die Bestellung im ERP an, führen Sie den Schritt von Hand aus oder lassen Sie erneut prüfen.",
        "Look at the order in the ERP, carry out the step by hand, or have the order looked at again.",
    ),
    "outcome_unknown": _Text(
        "Sehen Sie beim Zahlungsanbieter und im ERP nach, bevor Sie etwas wiederholen.",
        "Look at the payment provider and in the ERP before you repeat anything.",
    ),
    "misconfigured": _Text(
        "Prüfen Sie Zugangsdaten und Einstellungen und lassen Sie die Bestellung danach erneut prüfen.",
        "Check credentials and settings, then have the order looked at again.",
    ),
    "cancellation_by_hand": _Text(
        "Erstatten Sie Eingezogenes und geben Sie Reserviertes beim Zahlungsanbieter frei.",
        "Refund what was captured and release what is held at the payment provider.",
    ),
    "credit_note_by_hand": _Text(
        "Erstatten Sie den Betrag beim Zahlungsanbieter und gleichen Sie die Gutschrift im ERP aus.",
        "Refund the amount at the payment provider, and clear the credit note in the ERP.",
    ),
    "cancellation_failed": _Text(
        "Sehen Sie beim Zahlungsanbieter nach und geben Sie dort von Hand frei oder erstatten Sie.",
        "Look at the payment provider, and release or refund there by hand.",
    ),
    "refund_failed": _Text(
        "Klären Sie den Grund und lassen Sie erneut prüfen, oder erstatten Sie von Hand und gleichen Sie im ERP aus.",
        "Clear up the reason and have the order looked at again, or refund by hand and clear it in the ERP.",
    ),
    "credit_note_settled": _Text(
        "Prüfen Sie, ob der Kunde sein Geld schon hat. Falls nicht, erstatten Sie es beim Zahlungsanbieter.",
        "Check whether the customer has got the money. If not, refund it at the payment provider.",
    ),
    "refund_exceeds": _Text(
        "Vergleichen Sie die Gutschriften mit der Zahlung und erstatten Sie den richtigen Betrag von Hand.",
        "Compare the credit notes with the payment, and refund the right amount by hand.",
    ),
    "refund_incomplete": _Text(
        "Erstatten Sie den fehlenden Teil beim Zahlungsanbieter und gleichen Sie das Kundenkonto von Hand aus.",
        "Refund the missing part at the payment provider, and clear the customer account by hand.",
    ),
    "refunded_by_hand": _Text(
        "War dies die Erstattung, gleichen Sie die Gutschrift im ERP von Hand aus oder markieren Sie das Problem als "
        "gelöst. Ist der Betrag noch zu erstatten, lassen Sie die Bestellung erneut prüfen.",
        "If that was this refund, clear the credit note in the ERP by hand, or mark the problem as solved. If "
        "the amount is still to be refunded, let the order look again.",
    ),
    "credit_notes_exceed_return": _Text(
        "Prüfen Sie, ob die Gutschrift doppelt ist. Ist sie berechtigt, erstatten und gleichen Sie von Hand aus.",
        "Check whether the credit note is a duplicate. If it is rightful, refund and clear it by hand.",
    ),
    "invoice_by_hand": _Text(
        "Fordern Sie den Betrag gesondert an und gleichen Sie diese Rechnung im ERP aus.",
        "Ask for the amount separately, and clear this invoice in the ERP.",
    ),
    "chargeback": _Text(
        "Halten Sie ausstehende Ware zurück und antworten Sie auf die Anfechtung beim Zahlungsanbieter.",
        "Hold back outstanding goods, and answer the dispute at the payment provider.",
    ),
    "taken_over_unclear": _Text(
        "Vergleichen Sie ERP und Zahlungsanbieter. Ist es schon geschehen, markieren Sie das Problem als gelöst; sonst "
        "lassen Sie die Bestellung noch einmal ansehen, dann holt Holdfast es nach.",
        "Compare the ERP and the payment provider. If it was done already, mark the problem solved; otherwise have the "
        "order looked at again, and Holdfast will do it.",
    ),
}

_COMMENTS = {
    "released": _Text(
        "Zahlung geprüft und in Ordnung. Bestellung freigegeben.",
        "Payment checked and in order. Order released.",
    ),
    "released_captured": _Text(
        "{amount} eingezogen (Vorgang {reference}), danach Bestellung freigegeben.",
        "{amount} captured (transaction {reference}), then order released.",
    ),
    "released_locked": _Text(
        "Versandsperre gesetzt, dann Bestellung freigegeben. Grund der Sperre: {reason:problem}.",
        "Shipping lock set, then order released. Reason for the lock: {reason:problem}.",
    ),
    "locked": _Text(
        "Versandsperre gesetzt. Grund: {reason:problem}.",
        "Shipping lock set. Reason: {reason:problem}.",
    ),
    "released_waiting_transfer": _Text(
        "Vorkasse: Versandsperre gesetzt, dann Bestellung freigegeben. Erwartete Überweisung: {expected}.",
        "Prepayment: shipping lock set, then order released. Expected bank transfer: {expected}.",
    ),
    "unlocked_transfer": _Text(
        "Zahlungseingang von {received}. Versandsperre entfernt, die Bestellung kann versandt werden.",
        "Incoming payment of {received}. Shipping lock removed, the order can be shipped.",
    ),
    "unlocked_verified": _Text(
        "Zahlung erneut geprüft und in Ordnung. Versandsperre entfernt.",
        "Payment checked again and in order. Shipping lock removed.",
    ),
    "captured_booked": _Text(
        "Rechnung {invoice}: {amount} eingezogen (Vorgang {reference}) und mit Buchungsevent {event} ausgeglichen.",
        "Invoice {invoice}: {amount} captured (transaction {reference}) and cleared with booking event {event}.",
    ),
    "booked": _Text(
        "Rechnung {invoice}: {amount} mit Buchungsevent {event} ausgeglichen.",
        "Invoice {invoice}: {amount} cleared with booking event {event}.",
    ),
    "bank_data_written": _Text(
        "Überweisungsdaten für die Rechnung eingetragen: Kontoinhaber, IBAN, BIC, Verwendungszweck.",
        "Transfer data for the invoice entered: account holder, IBAN, BIC, payment reference.",
    ),
    "voided": _Text(
        "{amount} beim Zahlungsanbieter freigegeben, der Betrag wird nicht mehr gefordert.",
        "{amount} released at the payment provider, the amount is no longer claimed.",
    ),
    "nothing_to_void": _Text(
        "Beim Zahlungsanbieter war nichts mehr reserviert oder offen.",
        "At the payment provider nothing was held or owed any more.",
    ),
    "refunded": _Text(
        "Storno: {amount} zurückgegeben (Vorgang {reference}).",
        "Cancellation: {amount} given back (transaction {reference}).",
    ),
    "refunded_booked": _Text(
        "Gutschrift {credit_note}: {amount} erstattet (Vorgang {reference}) und mit Buchungsevent {event} "
        "ausgeglichen.",
        "Credit note {credit_note}: {amount} refunded (transaction {reference}) and cleared with booking event "
        "{event}.",
    ),
    "shipment_reported": _Text(
        "Versand an den Zahlungsanbieter gemeldet. Die Zahlungsfrist des Kunden läuft.",
        "Shipment reported to the payment provider. The customer's time to pay has begun.",
    ),
    "capture_failed": _Text(
        "Rechnung {invoice}: Einzug von {amount} nicht gelungen ({problem:problem}). Nicht ausgeglichen.",
        "Invoice {invoice}: capture of {amount} did not succeed ({problem:problem}). Not cleared.",
    ),
    "payment_pending": _Text(
        "Die Zahlung ist beim Anbieter noch nicht abgeschlossen. Bestellung bleibt angehalten, wir sehen wieder nach.",
        "The payment is not finished at the provider. Order stays on hold, we will look again.",
    ),
    "shipped_unpaid": _Text(
        "Rechnung {invoice} wurde ohne gemeldeten Zahlungseingang versandt. Bitte von Hand ausgleichen.",
        "Invoice {invoice} was shipped without a reported payment. Please clear it by hand.",
    ),
    "invoices_exceed": _Text(
        "Rechnung {invoice} nicht ausgeglichen: die Rechnungen ergeben {sum}, der Auftrag lautet auf {order}.",
        "Invoice {invoice} not cleared: the invoices add up to {sum}, the order amounts to {order}.",
    ),
    "transfer_too_little": _Text(
        "Zu wenig überwiesen: {received} von {expected} eingegangen. Die Versandsperre bleibt.",
        "Transfer too small: {received} of {expected} have arrived. The shipping lock stays.",
    ),
    "transfer_too_much": _Text(
        "Zu viel überwiesen: {received} eingegangen, {expected} erwartet. Der Überschuss ist von Hand zu erstatten.",
        "Transfer too large: {received} have arrived, {expected} were expected. The surplus is to be refunded by hand.",
    ),
    "transfer_overdue": _Text(
        "Seit {days} Tagen ist die Überweisung nicht vollständig eingegangen. Die Versandsperre bleibt.",
        "For {days} days the bank transfer has not arrived in full. The shipping lock stays.",
    ),
    "hold_aging": _Text(
        "Die Autorisierung ist {days} Tage alt und noch nicht vollständig eingezogen.",
        "The authorization is {days} days old and not fully captured.",
    ),
    "cancel_wished_locked": _Text(
        "Stornierung gewünscht. Versandsperre gesetzt; bitte die Positionen im ERP stornieren.",
        "Cancellation requested. Shipping lock set; please cancel the lines in the ERP.",
    ),
    "cancel_wished_shipped": _Text(
        "Stornierung gewünscht, aber es ist bereits Ware versandt. Es wurde nichts geändert.",
        "Cancellation requested, but goods have been shipped already. Nothing was changed.",
    ),
    "capture_unverified": _Text(
        "Rechnung {invoice} wurde versandt, obwohl die Zahlung nie bestätigt war. Nichts eingezogen, nicht "
        "ausgeglichen.",
        "Invoice {invoice} was shipped although the payment was never verified. Nothing captured, not cleared.",
    ),
    "booking_failed": _Text(
        "Rechnung {invoice}: die Buchung von {amount} wurde nicht angenommen. Bitte von Hand ausgleichen.",
        "Invoice {invoice}: the booking of {amount} was not accepted. Please clear it by hand.",
    ),
    "problem": _Text(
        "Diese Bestellung braucht jemanden: {problem:problem}.",
        "This order needs someone: {problem:problem}.",
    ),
}

_WAITS = {
    "wait_snapshot": _Text(
        "Wartet auf das nächste Bild der Bestellung aus dem ERP.",
        "Waits for the next picture of the order from the ERP.",
    ),
    "wait_release_check": _Text(
        "Wartet darauf, dass die Zahlung vor der Freigabe geprüft wird.",
        "Waits for the payment to be checked before the release.",
    ),
    "wait_payment_decision": _Text(
        "Wartet darauf, dass der Zahlungsanbieter über die Zahlung entscheidet.",
        "Waits for the payment provider to decide about the payment.",
    ),
    "wait_transfer": _Text(
        "Wartet auf die Überweisung: {received} von {expected} sind da. Wir sehen spätestens {next_look:instant} "
        "wieder nach.",
        "Waits for the bank transfer: {received} of {expected} are here. We look again no later than "
        "{next_look:instant}.",
    ),
    "wait_shipping": _Text("Wartet auf den Versand.", "Waits for shipping."),
    "wait_closed": _Text(
        "Wartet darauf, dass alle Positionen versandt oder storniert sind.",
        "Waits until all lines are shipped or cancelled.",
    ),
    "wait_erp_window": _Text(
        "Wartet, bis das ERP nach der Nachtruhe wieder angesprochen werden darf: {until:instant}.",
        "Waits until the ERP may be called again after its quiet hours: {until:instant}.",
    ),
    "wait_retry": _Text(
        "{operation:operation} hat noch nicht geklappt ({reason:reason}). Nächster Versuch: {until:instant}.",
        "{operation:operation} has not worked yet ({reason:reason}). Next attempt: {until:instant}.",
    ),
    "wait_payment_read": _Text(
        "Die Zahlung wurde noch nicht abgerufen ({reason:reason}). Nächster Versuch: {until:instant}.",
        "The payment has not been read yet ({reason:reason}). Next attempt: {until:instant}.",
    ),
    "wait_unknown": _Text(
        "{operation:operation}: ob der Vorgang ausgeführt wurde, ist noch unklar. Nächste Rückfrage: {until:instant}.",
        "{operation:operation}: whether it took effect is not known yet. Next inquiry: {until:instant}.",
    ),
    "wait_person": _Text(
        "Wartet auf eine Entscheidung von Ihnen: {problem:problem}.",
        "Waits for a decision of yours: {problem:problem}.",
    ),
    "wait_end": _Text(
        "Ausgeglichen. Ohne weitere Änderung endet die Betreuung: {until:instant}.",
        "Settled. Without further change we stop looking after it: {until:instant}.",
    ),
    "out_of_scope": _Text(
        "Von Hand angelegte oder Umtauschbestellung ohne Zahlungs-ID: wird nicht betreut.",
        "Manual or exchange order without a payment ID: not looked after.",
    ),
    "blocked": _Text(
        "Geht nicht weiter, bis das Problem gelöst ist: {problem:problem}.",
        "Does not go on until the problem is solved: {problem:problem}.",
    ),
    "method_deprecated": _Text(
        "Die Zahlungsart {method} läuft beim Anbieter aus. Bitte auf {successor} umstellen.",
        "The provider is discontinuing the payment method {method}. Please change to {successor}.",
    ),
    "method_closed": _Text(
        "Die Zahlungsart {method} ist beim Anbieter eingestellt. Bitte im Shop eine andere anbieten.",
        "The provider has closed the payment method {method}. Please offer another one in the shop.",
    ),
    "finished": _Text("Abgeschlossen.", "Finished."),
}

_OPERATIONS = {
    "capture": _Text("Einzug", "Capture"),
    "void": _Text("Freigabe der Zahlung", "Voiding the payment"),
    "refund": _Text("Erstattung", "Refund"),
    "report_shipment": _Text("Versandmeldung", "Report of the shipment"),
    "write_bank_data": _Text("Eintragen der Überweisungsdaten", "Writing the transfer data"),
    "release": _Text("Freigabe", "Release"),
    "lock": _Text("Setzen der Versandsperre", "Setting the shipping lock"),
    "unlock": _Text("Entfernen der Versandsperre", "Removing the shipping lock"),
    "book": _Text("Buchung", "Booking"),
    "comment": _Text("Kommentar", "Comment"),
    "mail": _Text("E-Mail", "Mail"),
}

_REASONS = {
    "": _Text("ohne Angabe", "no reason given"),
    "quiet_window": _Text("Nachtruhe des ERP", "quiet hours of the ERP"),
    "paused": _Text("angehalten", "paused"),
    "rate": _Text("zu viele Anfragen", "too many requests"),
    "busy": _Text("Verbindung belegt", "connection busy"),
    "inactive": _Text("abgeschaltet", "switched off"),
    "unreachable": _Text("nicht erreichbar", "cannot be reached"),
    "misconfigured": _Text("Zugangsdaten oder Einstellungen abgelehnt", "credentials or settings refused"),
    "too_early": _Text("früherer Versuch noch offen", "an earlier attempt is still open"),
    "stale_owner": _Text("von anderer Stelle übernommen", "taken over elsewhere"),
    "rolled_back": _Text("von der Gegenseite zurückgenommen", "undone by the other side"),
    "refused": _Text("abgelehnt", "refused"),
    "expired": _Text("Autorisierung nicht mehr gültig", "authorization no longer valid"),
    "exceeds": _Text("Betrag höher als verfügbar", "amount higher than available"),
    "not_found": _Text("nicht gefunden", "not found"),
    "unsupported": _Text("nicht unterstützt", "not supported"),
    "charged_back": _Text("von der Bank des Kunden zurückgeholt", "taken back by the customer's bank"),
    "taken_over": _Text("vielleicht von der früheren App erledigt", "perhaps done by the former app"),
    "withdrawn": _Text("nicht ausgeführt und nicht mehr nötig", "not carried out and no longer needed"),
    "order_state": _Text("Zustand der Bestellung lässt es nicht zu", "not allowed by the order's state"),
    "no_answer": _Text("keine Antwort", "no answer"),
    "bad_answer": _Text("Antwort unverständlich", "answer not understood"),
    "server_error": _Text("Fehler der Gegenseite", "error of the other side"),
    "input_changed": _Text("mit anderen Angaben begonnen", "begun with other figures"),
    "worker_lost": _Text("Bearbeitung unterbrochen", "processing was interrupted"),
    "waiting": _Text("angenommen, noch nicht ausgeführt", "accepted, not carried out yet"),
}

_SYSTEMS = {
    "provider": _Text("den Zahlungsanbieter", "the payment provider"),
    "erp": _Text("das ERP", "the ERP"),
    "mail": _Text("den Mailversand", "sending mails"),
}

_WORDS = {"problem": _CAUSES, "operation": _OPERATIONS, "reason": _REASONS, "system": _SYSTEMS}
