"""The points of the setup check in German and English: what is checked, what was found, and what to do."""

from dataclasses import dataclass
from string import Formatter

from domain.erp_probe import Ability
from domain.setup_check import CheckPoint, Verdict
from domain.tenant_config import Language


@dataclass(frozen=True)
class PointText:
    """One point in words."""

    title: str
    found: str


@dataclass(frozen=True)
class _Both:
    german: str
    english: str

    def in_(self, language: Language) -> str:
        return self.german if language is Language.GERMAN else self.english


def point_text(point: CheckPoint, language: Language) -> PointText:
    """The words for a point. A parameter that the sentence does not name is left out; raises `ValueError` for a code or
    verdict without a sentence and for a missing parameter."""
    if point.code not in TITLES or (point.code, point.verdict) not in FOUND:
        raise ValueError(f"there is no text for {point.code} {point.verdict.value}")
    template = FOUND[point.code, point.verdict].in_(language)
    given = dict(point.params)
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    if not names <= given.keys():
        raise ValueError(f"the text {point.code} {point.verdict.value} takes {', '.join(sorted(names))}")
    return PointText(
        TITLES[point.code].in_(language),
        "".join(text + (given[name] if name else "") for text, name, _, _ in Formatter().parse(template)),
    )


def lost_text(ability: Ability, language: Language) -> str:
    """What Holdfast cannot do without a call of the ERP."""
    return LOST[ability].in_(language)


LOST = {
    Ability.FIND_HELD: _Both("angehaltene Bestellungen finden", "find held orders"),
    Ability.FIND_SHIPPED: _Both("versandte Rechnungen sofort finden", "find shipped invoices at once"),
    Ability.FIND_CHANGES: _Both("Änderungen an Bestellungen sofort finden", "find changed orders at once"),
    Ability.READ_ORDER: _Both("Bestellungen lesen", "read orders"),
    Ability.READ_DISCOUNT: _Both("Beträge mit Rabatt vergleichen", "compare amounts with a discount"),
    Ability.READ_DOCUMENTS: _Both("Rechnungen und Gutschriften lesen", "read invoices and credit notes"),
    Ability.TELL_RETURNS: _Both("Retouren erkennen und erstatten", "recognize and refund returns"),
    Ability.CHECK_TAG: _Both("den XML-Tag einer Bestellung prüfen", "check the XML tag of an order"),
    Ability.FIND_PAYMENT_ID: _Both("eine fehlende Zahlungs-ID finden", "find a missing payment ID"),
    Ability.RELEASE: _Both("Bestellungen freigeben", "release orders"),
    Ability.KEEP_PAYMENT_ID: _Both("die Zahlungs-ID bei der Freigabe behalten", "keep the payment ID at the release"),
    Ability.LOCK: _Both("Bestellungen sperren", "lock orders"),
    Ability.EXPLAIN_LOCK: _Both("den Grund einer Sperre zeigen", "show the reason of a lock"),
    Ability.COMMENT: _Both("Kommentare schreiben", "write comments"),
    Ability.COMMENT_ONCE: _Both("doppelte Kommentare vermeiden", "avoid double comments"),
    Ability.SIGN_COMMENT: _Both("zeigen, wer kommentiert hat", "show who commented"),
    Ability.BOOK_INVOICES: _Both("Rechnungen ausgleichen", "settle invoices"),
    Ability.BOOK_CREDIT_NOTES: _Both("Gutschriften ausgleichen", "settle credit notes"),
    Ability.BOOK_ONCE: _Both("eine verlorene Buchung wiederfinden", "find a lost booking again"),
    Ability.BOOK_CURRENCIES: _Both("in fremder Währung buchen", "book in a foreign currency"),
    Ability.WRITE_BANK_DATA: _Both("Überweisungsdaten eintragen", "write transfer data"),
    Ability.VERIFY_BANK_DATA: _Both("eingetragene Überweisungsdaten prüfen", "verify written transfer data"),
    Ability.READ_IN_PAGES: _Both("lange Listen seitenweise lesen", "read long lists in pages"),
    Ability.LIST_SHOPS: _Both("Shops zur Auswahl anbieten", "offer shops to choose from"),
    Ability.LIST_PAYMENT_TYPES: _Both("Zahlungsarten zur Auswahl anbieten", "offer payment types to choose from"),
    Ability.NOTHING: _Both("nichts", "nothing"),
}

TITLES = {
    "mail": _Both("Mailversand", "Mail"),
    "access": _Both("Zugang zum ERP", "Access to the ERP"),
    "calls": _Both("Installierte Aufrufe", "Installed calls"),
    "version": _Both("Version des ERP", "Version of the ERP"),
    "payment_type": _Both("Zahlungsart im ERP", "Payment type in the ERP"),
    "xml_tag": _Both("XML-Tag", "XML tag"),
    "hold_import": _Both("Import auf HOLD", "Import on HOLD"),
    "payment_id": _Both("Zahlungs-ID an der Bestellung", "Payment ID at the order"),
    "paid_flag": _Both("Kein Bezahlt-Kennzeichen beim Import", "No paid flag at import"),
    "automatic_clearing": _Both("Kein automatischer Ausgleich", "No automatic clearing"),
    "direct_charge": _Both("Direct-Charge aus", "Direct charge off"),
    "invoice_event": _Both("Buchungsevent für Rechnungen", "Booking event for invoices"),
    "return_event": _Both("Buchungsevent für Retouren", "Booking event for returns"),
    "invoice_template": _Both("Rechnungsvorlage", "Invoice template"),
    "keys": _Both("Schlüsselpaar", "Key pair"),
    "key_side": _Both("Test- oder Live-Schlüssel", "Test or live keys"),
    "callback": _Both("Meldungen des Zahlungsanbieters", "Notifications of the provider"),
}

_P, _W, _F, _A = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.ASK

FOUND = {
    ("mail", _P): _Both("Ein Empfänger ist eingerichtet.", "A recipient is set up."),
    ("mail", _F): _Both(
        "Kein Mailkonto. Richten Sie Server und Empfänger ein, sonst erfährt niemand von Fehlern.",
        "No mail account. Set up server and recipient, or nobody learns of errors.",
    ),
    ("access", _P): _Both("Das ERP nimmt die Zugangsdaten an.", "The ERP takes the credentials."),
    ("access", _F): _Both(
        "Das ERP lehnt die Zugangsdaten oder die Adresse ab. Geben Sie sie neu ein.",
        "The ERP refuses the credentials or the address. Enter them anew.",
    ),
    ("access", _A): _Both(
        "Das ERP war nicht zu erreichen ({reason}). Wiederholen Sie die Prüfung, zwischen 00:00 und 04:00 Uhr "
        "geht sie nicht.",
        "The ERP could not be reached ({reason}). Repeat the check; between 00:00 and 04:00 it is not possible.",
    ),
    ("calls", _P): _Both("Alle benötigten Aufrufe sind da.", "All calls that are needed are there."),
    ("calls", _W): _Both(
        "Es geht auch ohne, aber schlechter: {missing}. Lassen Sie sie bei Gelegenheit vom Support des "
        "ERP freischalten.",
        "It works without them, but less well: {missing}. Have the ERP's support install them when you can.",
    ),
    ("calls", _F): _Both(
        "Diese Aufrufe fehlen und sind nötig: {missing}. Lassen Sie sie vom Support des ERP freischalten.",
        "These calls are missing and needed: {missing}. Have the ERP's support install them.",
    ),
    ("version", _P): _Both("Linie {line}, nichts fehlt.", "Line {line}, nothing is lacking."),
    ("version", _W): _Both(
        "Linie {line}. Dieser Version fehlen: {lacks}. Holdfast weicht aus; ein Update macht es schneller.",
        "Line {line}. This version lacks: {lacks}. Holdfast works around it; an update makes it faster.",
    ),
    ("payment_type", _P): _Both("Die Zahlungsart {code} gibt es.", "The payment type {code} exists."),
    ("payment_type", _F): _Both(
        "Die Zahlungsart {code} gibt es im ERP nicht mehr. Deaktivieren Sie die Konfiguration oder legen Sie die "
        "Zahlungsart wieder an.",
        "The payment type {code} exists in the ERP no more. Deactivate the configuration, or create the payment "
        "type again.",
    ),
    ("xml_tag", _P): _Both(
        "Der XML-Tag {configured} stimmt mit dem ERP überein.", "The XML tag {configured} agrees with the ERP."
    ),
    ("xml_tag", _F): _Both(
        "Konfiguriert ist {configured}, das ERP nennt {found}. Gleichen Sie beide an.",
        "{configured} is configured, the ERP names {found}. Make the two agree.",
    ),
    ("xml_tag", _A): _Both(
        "Das ERP nennt den Tag nicht. Vergleichen Sie {configured} mit dem Control Center, Zahlungsarten.",
        "The ERP does not name the tag. Compare {configured} with the Control Center, payment types.",
    ),
    ("hold_import", _P): _Both(
        "{count} von {of} Bestellungen standen auf HOLD.", "{count} of {of} orders were on HOLD."
    ),
    ("hold_import", _A): _Both(
        "Keine Bestellung auf HOLD gesehen. Prüfen Sie in der Zahlungsart, dass Bestellungen auf HOLD "
        "importiert werden.",
        "No order seen on HOLD. Check in the payment type that orders are imported on HOLD.",
    ),
    ("payment_id", _P): _Both(
        "{count} von {of} Bestellungen tragen eine Zahlungs-ID.", "{count} of {of} orders carry a payment ID."
    ),
    ("payment_id", _W): _Both(
        "{count} von {of} Bestellungen tragen keine Zahlungs-ID ({orders}). Prüfen Sie den Export des Shops.",
        "{count} of {of} orders carry no payment ID ({orders}). Check the shop's export.",
    ),
    ("payment_id", _F): _Both(
        "Keine Bestellung trägt eine Zahlungs-ID ({orders}). Der Shop muss sie in ihr Feld im ERP übergeben.",
        "No order carries a payment ID ({orders}). The shop has to hand it over in its field of the ERP.",
    ),
    ("payment_id", _A): _Both(
        "Noch keine Bestellung gesehen. Der Shop muss die Zahlungs-ID in ihr Feld im ERP übergeben.",
        "No order seen yet. The shop has to hand over the payment ID in its field of the ERP.",
    ),
    ("paid_flag", _P): _Both(
        "Keine von {of} Bestellungen war vor der Rechnung bezahlt.", "None of {of} orders was paid before its invoice."
    ),
    ("paid_flag", _F): _Both(
        "{count} von {of} Bestellungen gelten vor der Rechnung als bezahlt ({orders}). Schalten Sie in der Zahlungsart "
        "das Bezahlt-Kennzeichen und die automatische Zahlung ab.",
        "{count} of {of} orders count as paid before their invoice ({orders}). Switch off the paid flag and "
        "the automatic "
        "payment in the payment type.",
    ),
    ("paid_flag", _A): _Both(
        "Keine Bestellung gesehen. Das Bezahlt-Kennzeichen darf beim Import nicht gesetzt werden.",
        "No order seen. The paid flag must not be set at import.",
    ),
    ("automatic_clearing", _P): _Both(
        "Keine von {of} Rechnungen hat sich ohne unser Buchungsevent ausgeglichen.",
        "None of {of} invoices was settled without our booking event.",
    ),
    ("automatic_clearing", _F): _Both(
        "{count} von {of} Rechnungen wurden ohne unser Buchungsevent ausgeglichen ({orders}). Schalten Sie den "
        "automatischen Ausgleich ab, sonst wird doppelt ausgeglichen.",
        "{count} of {of} invoices were settled without our booking event ({orders}). Switch off automatic clearing, or "
        "accounts are cleared twice.",
    ),
    ("automatic_clearing", _A): _Both(
        "Keine ausgeglichene Rechnung gesehen. Der automatische Ausgleich muss abgeschaltet sein.",
        "No settled invoice seen. Automatic clearing has to be off.",
    ),
    ("direct_charge", _A): _Both(
        "Das lässt sich nicht abfragen. Die Zahlungsart darf sich nicht wie eine Kreditkarte verhalten: "
        "Direct-Charge aus.",
        "This cannot be asked for. The payment type must not behave like a credit card: direct charge off.",
    ),
    ("invoice_event", _P): _Both(
        "{event} steht an Rechnungen mit positivem Vorzeichen.", "{event} stands at invoices with a positive sign."
    ),
    ("invoice_event", _F): _Both(
        "{event} fehlt oder steht an Rechnungen mit negativem Vorzeichen. Es muss als positives Event angelegt sein.",
        "{event} is missing or stands at invoices with a negative sign. It has to be defined as a positive event.",
    ),
    ("invoice_event", _A): _Both(
        "{event} wurde noch nicht gebucht. Prüfen Sie, dass es als positives Event angelegt ist.",
        "{event} has not been booked yet. Check that it is defined as a positive event.",
    ),
    ("return_event", _P): _Both(
        "{event} steht an Gutschriften mit negativem Vorzeichen.",
        "{event} stands at credit notes with a negative sign.",
    ),
    ("return_event", _F): _Both(
        "{event} fehlt oder steht an Gutschriften mit positivem Vorzeichen. Es muss als negatives Event angelegt sein.",
        "{event} is missing or stands at credit notes with a positive sign. It has to be defined as a negative event.",
    ),
    ("return_event", _A): _Both(
        "{event} wurde noch nicht gebucht. Prüfen Sie, dass es als negatives Event angelegt ist.",
        "{event} has not been booked yet. Check that it is defined as a negative event.",
    ),
    ("invoice_template", _A): _Both(
        "Für die alten Rechnungsarten (Invoice, Invoice Secured) muss die Rechnung Kontoinhaber, IBAN, "
        "BIC und Bank (Verwendungszweck) "
        "drucken. Für bezahlte Zahlungsarten darf sie nicht zur Überweisung auffordern, sonst wird doppelt bezahlt.",
        "For the old invoice types (Invoice, Invoice Secured) the invoice has to print account holder, "
        "IBAN, BIC and bank (payment "
        "reference). For payment types that are paid already it must not ask for a transfer, or customers pay twice.",
    ),
    ("keys", _P): _Both("Der Zahlungsanbieter bestätigt das Schlüsselpaar.", "The provider confirms the key pair."),
    ("keys", _F): _Both(
        "Das Schlüsselpaar stimmt nicht ({problem}). Tragen Sie beide Schlüssel neu ein.",
        "The key pair is not right ({problem}). Enter both keys anew.",
    ),
    ("keys", _A): _Both(
        "Der Zahlungsanbieter war nicht zu erreichen. Wiederholen Sie die Prüfung.",
        "The provider could not be reached. Repeat the check.",
    ),
    ("key_side", _P): _Both("Die Schlüssel sind auf der richtigen Seite.", "The keys are on the right side."),
    ("key_side", _W): _Both(
        "Live-Schlüssel auf einer Testanbindung: es fließt echtes Geld.",
        "Live keys on a test connection: real money moves.",
    ),
    ("key_side", _F): _Both(
        "Test-Schlüssel auf einer Live-Anbindung: es wird kein Geld eingezogen. Tragen Sie die Live-Schlüssel ein.",
        "Test keys on a live connection: no money is captured. Enter the live keys.",
    ),
    ("callback", _P): _Both("Der Zahlungsanbieter meldet Ereignisse an uns.", "The provider reports events to us."),
    ("callback", _W): _Both(
        "Der Zahlungsanbieter meldet uns nichts. Zahlungen werden nur in Abständen nachgesehen; lassen "
        "Sie die Prüfung die Adresse "
        "eintragen.",
        "The provider reports nothing to us. Payments are looked at now and then only; let the check "
        "register the address.",
    ),
    ("callback", _A): _Both(
        "Der Zahlungsanbieter war nicht zu erreichen. Wiederholen Sie die Prüfung.",
        "The provider could not be reached. Repeat the check.",
    ),
}
