"""The points of the setup check in German and English: what is checked, what was found, and what to do."""

from dataclasses import dataclass
from string import Formatter

from domain.erp_probe import Ability
from domain.setup_check import CheckPoint, Verdict
from domain.tenant_config import Language
from domain.wording.text import Text


@dataclass(frozen=True)
class PointText:
    """One point in words."""

    title: str
    found: str


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
    Ability.FIND_HELD: Text("angehaltene Bestellungen finden", "find held orders"),
    Ability.FIND_SHIPPED: Text("versandte Rechnungen sofort finden", "find shipped invoices at once"),
    Ability.FIND_CHANGES: Text("Änderungen an Bestellungen sofort finden", "find changed orders at once"),
    Ability.READ_ORDER: Text("Bestellungen lesen", "read orders"),
    Ability.READ_DISCOUNT: Text("Beträge mit Rabatt vergleichen", "compare amounts with a discount"),
    Ability.READ_DOCUMENTS: Text("Rechnungen und Gutschriften lesen", "read invoices and credit notes"),
    Ability.TELL_RETURNS: Text("Retouren erkennen und erstatten", "recognize and refund returns"),
    Ability.CHECK_TAG: Text("den XML-Tag einer Bestellung prüfen", "check the XML tag of an order"),
    Ability.FIND_PAYMENT_ID: Text("eine fehlende Zahlungs-ID finden", "find a missing payment ID"),
    Ability.RELEASE: Text("Bestellungen freigeben", "release orders"),
    Ability.KEEP_PAYMENT_ID: Text("die Zahlungs-ID bei der Freigabe behalten", "keep the payment ID at the release"),
    Ability.LOCK: Text("Bestellungen sperren", "lock orders"),
    Ability.EXPLAIN_LOCK: Text("den Grund einer Sperre zeigen", "show the reason of a lock"),
    Ability.COMMENT: Text("Kommentare schreiben", "write comments"),
    Ability.COMMENT_ONCE: Text("doppelte Kommentare vermeiden", "avoid double comments"),
    Ability.SIGN_COMMENT: Text("zeigen, wer kommentiert hat", "show who commented"),
    Ability.BOOK_INVOICES: Text("Rechnungen ausgleichen", "settle invoices"),
    Ability.BOOK_CREDIT_NOTES: Text("Gutschriften ausgleichen", "settle credit notes"),
    Ability.BOOK_ONCE: Text("eine verlorene Buchung wiederfinden", "find a lost booking again"),
    Ability.BOOK_CURRENCIES: Text("in fremder Währung buchen", "book in a foreign currency"),
    Ability.WRITE_BANK_DATA: Text("Überweisungsdaten eintragen", "write transfer data"),
    Ability.VERIFY_BANK_DATA: Text("eingetragene Überweisungsdaten prüfen", "verify written transfer data"),
    Ability.READ_IN_PAGES: Text("lange Listen seitenweise lesen", "read long lists in pages"),
    Ability.LIST_SHOPS: Text("Shops zur Auswahl anbieten", "offer shops to choose from"),
    Ability.LIST_PAYMENT_TYPES: Text("Zahlungsarten zur Auswahl anbieten", "offer payment types to choose from"),
    Ability.NOTHING: Text("nichts", "nothing"),
}

TITLES = {
    "mail": Text("Mailversand", "Mail"),
    "access": Text("Zugang zum ERP", "Access to the ERP"),
    "calls": Text("Installierte Aufrufe", "Installed calls"),
    "version": Text("Version des ERP", "Version of the ERP"),
    "payment_type": Text("Zahlungsart im ERP", "Payment type in the ERP"),
    "xml_tag": Text("XML-Tag", "XML tag"),
    "hold_import": Text("Import auf HOLD", "Import on HOLD"),
    "payment_id": Text("Zahlungs-ID an der Bestellung", "Payment ID at the order"),
    "paid_flag": Text("Kein Bezahlt-Kennzeichen beim Import", "No paid flag at import"),
    "automatic_clearing": Text("Kein automatischer Ausgleich", "No automatic clearing"),
    "direct_charge": Text("Direct-Charge aus", "Direct charge off"),
    "invoice_event": Text("Buchungsevent für Rechnungen", "Booking event for invoices"),
    "return_event": Text("Buchungsevent für Retouren", "Booking event for returns"),
    "invoice_template": Text("Rechnungsvorlage", "Invoice template"),
    "keys": Text("Schlüsselpaar", "Key pair"),
    "key_side": Text("Test- oder Live-Schlüssel", "Test or live keys"),
    "callback": Text("Meldungen des Zahlungsanbieters", "Notifications of the provider"),
}

_P, _W, _F, _A = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.ASK

FOUND = {
    ("mail", _P): Text("Ein Empfänger ist eingerichtet.", "A recipient is set up."),
    ("mail", _F): Text(
        "Kein Mailkonto. Richten Sie Server und Empfänger ein, sonst erfährt niemand von Fehlern.",
        "No mail account. Set up server and recipient, or nobody learns of errors.",
    ),
    ("access", _P): Text("Das ERP nimmt die Zugangsdaten an.", "The ERP takes the credentials."),
    ("access", _F): Text(
        "Das ERP lehnt die Zugangsdaten oder die Adresse ab. Geben Sie sie neu ein.",
        "The ERP refuses the credentials or the address. Enter them anew.",
    ),
    ("access", _A): Text(
        "Das ERP war nicht zu erreichen ({reason}). Wiederholen Sie die Prüfung, zwischen 00:00 und 04:00 Uhr "
        "geht sie nicht.",
        "The ERP could not be reached ({reason}). Repeat the check; between 00:00 and 04:00 it is not possible.",
    ),
    ("calls", _P): Text("Alle benötigten Aufrufe sind da.", "All calls that are needed are there."),
    ("calls", _W): Text(
        "Es geht auch ohne, aber schlechter: {missing}. Lassen Sie sie bei Gelegenheit vom Support des "
        "ERP freischalten.",
        "It works without them, but less well: {missing}. Have the ERP's support install them when you can.",
    ),
    ("calls", _F): Text(
        "Diese Aufrufe fehlen und sind nötig: {missing}. Lassen Sie sie vom Support des ERP freischalten.",
        "These calls are missing and needed: {missing}. Have the ERP's support install them.",
    ),
    ("version", _P): Text("Linie {line}, nichts fehlt.", "Line {line}, nothing is lacking."),
    ("version", _W): Text(
        "Linie {line}. Dieser Version fehlen: {lacks}. Holdfast weicht aus; ein Update macht es schneller.",
        "Line {line}. This version lacks: {lacks}. Holdfast works around it; an update makes it faster.",
    ),
    ("payment_type", _P): Text("Die Zahlungsart {code} gibt es.", "The payment type {code} exists."),
    ("payment_type", _F): Text(
        "Die Zahlungsart {code} gibt es im ERP nicht mehr. Deaktivieren Sie die Konfiguration oder legen Sie die "
        "Zahlungsart wieder an.",
        "The payment type {code} exists in the ERP no more. Deactivate the configuration, or create the payment "
        "type again.",
    ),
    ("xml_tag", _P): Text(
        "Der XML-Tag {configured} stimmt mit dem ERP überein.", "The XML tag {configured} agrees with the ERP."
    ),
    ("xml_tag", _F): Text(
        "Konfiguriert ist {configured}, das ERP nennt {found}. Gleichen Sie beide an.",
        "{configured} is configured, the ERP names {found}. Make the two agree.",
    ),
    ("xml_tag", _A): Text(
        "Das ERP nennt den Tag nicht. Vergleichen Sie {configured} mit dem Control Center, Zahlungsarten.",
        "The ERP does not name the tag. Compare {configured} with the Control Center, payment types.",
    ),
    ("hold_import", _P): Text(
        "{count} von {of} Bestellungen standen auf HOLD.", "{count} of {of} orders were on HOLD."
    ),
    ("hold_import", _A): Text(
        "Keine Bestellung auf HOLD gesehen. Prüfen Sie in der Zahlungsart, dass Bestellungen auf HOLD "
        "importiert werden.",
        "No order seen on HOLD. Check in the payment type that orders are imported on HOLD.",
    ),
    ("payment_id", _P): Text(
        "{count} von {of} Bestellungen tragen eine Zahlungs-ID.", "{count} of {of} orders carry a payment ID."
    ),
    ("payment_id", _W): Text(
        "{count} von {of} Bestellungen tragen keine Zahlungs-ID ({orders}). Prüfen Sie den Export des Shops.",
        "{count} of {of} orders carry no payment ID ({orders}). Check the shop's export.",
    ),
    ("payment_id", _F): Text(
        "Keine Bestellung trägt eine Zahlungs-ID ({orders}). Der Shop muss sie in ihr Feld im ERP übergeben.",
        "No order carries a payment ID ({orders}). The shop has to hand it over in its field of the ERP.",
    ),
    ("payment_id", _A): Text(
        "Noch keine Bestellung gesehen. Der Shop muss die Zahlungs-ID in ihr Feld im ERP übergeben.",
        "No order seen yet. The shop has to hand over the payment ID in its field of the ERP.",
    ),
    ("paid_flag", _P): Text(
        "Keine von {of} Bestellungen war vor der Rechnung bezahlt.", "None of {of} orders was paid before its invoice."
    ),
    ("paid_flag", _F): Text(
        "{count} von {of} Bestellungen gelten vor der Rechnung als bezahlt ({orders}). Schalten Sie in der Zahlungsart "
        "das Bezahlt-Kennzeichen und die automatische Zahlung ab.",
        "{count} of {of} orders count as paid before their invoice ({orders}). Switch off the paid flag and "
        "the automatic "
        "payment in the payment type.",
    ),
    ("paid_flag", _A): Text(
        "Keine Bestellung gesehen. Das Bezahlt-Kennzeichen darf beim Import nicht gesetzt werden.",
        "No order seen. The paid flag must not be set at import.",
    ),
    ("automatic_clearing", _P): Text(
        "Keine von {of} Rechnungen hat sich ohne unser Buchungsevent ausgeglichen.",
        "None of {of} invoices was settled without our booking event.",
    ),
    ("automatic_clearing", _F): Text(
        "{count} von {of} Rechnungen wurden ohne unser Buchungsevent ausgeglichen ({orders}). Schalten Sie den "
        "automatischen Ausgleich ab, sonst wird doppelt ausgeglichen.",
        "{count} of {of} invoices were settled without our booking event ({orders}). Switch off automatic clearing, or "
        "accounts are cleared twice.",
    ),
    ("automatic_clearing", _A): Text(
        "Keine ausgeglichene Rechnung gesehen. Der automatische Ausgleich muss abgeschaltet sein.",
        "No settled invoice seen. Automatic clearing has to be off.",
    ),
    ("direct_charge", _A): Text(
        "Das lässt sich nicht abfragen. Die Zahlungsart darf sich nicht wie eine Kreditkarte verhalten: "
        "Direct-Charge aus.",
        "This cannot be asked for. The payment type must not behave like a credit card: direct charge off.",
    ),
    ("invoice_event", _P): Text(
        "{event} steht an Rechnungen mit positivem Vorzeichen.", "{event} stands at invoices with a positive sign."
    ),
    ("invoice_event", _F): Text(
        "{event} fehlt oder steht an Rechnungen mit negativem Vorzeichen. Es muss als positives Event angelegt sein.",
        "{event} is missing or stands at invoices with a negative sign. It has to be defined as a positive event.",
    ),
    ("invoice_event", _A): Text(
        "{event} wurde noch nicht gebucht. Prüfen Sie, dass es als positives Event angelegt ist.",
        "{event} has not been booked yet. Check that it is defined as a positive event.",
    ),
    ("return_event", _P): Text(
        "{event} steht an Gutschriften mit negativem Vorzeichen.",
        "{event} stands at credit notes with a negative sign.",
    ),
    ("return_event", _F): Text(
        "{event} fehlt oder steht an Gutschriften mit positivem Vorzeichen. Es muss als negatives Event angelegt sein.",
        "{event} is missing or stands at credit notes with a positive sign. It has to be defined as a negative event.",
    ),
    ("return_event", _A): Text(
        "{event} wurde noch nicht gebucht. Prüfen Sie, dass es als negatives Event angelegt ist.",
        "{event} has not been booked yet. Check that it is defined as a negative event.",
    ),
    ("invoice_template", _A): Text(
        "Für die alten Rechnungsarten (Invoice, Invoice Secured) muss die Rechnung Kontoinhaber, IBAN, "
        "BIC und Bank (Verwendungszweck) "
        "drucken. Für bezahlte Zahlungsarten darf sie nicht zur Überweisung auffordern, sonst wird doppelt bezahlt.",
        "For the old invoice types (Invoice, Invoice Secured) the invoice has to print account holder, "
        "IBAN, BIC and bank (payment "
        "reference). For payment types that are paid already it must not ask for a transfer, or customers pay twice.",
    ),
    ("keys", _P): Text("Der Zahlungsanbieter bestätigt das Schlüsselpaar.", "The provider confirms the key pair."),
    ("keys", _F): Text(
        "Das Schlüsselpaar stimmt nicht ({problem}). Tragen Sie beide Schlüssel neu ein.",
        "The key pair is not right ({problem}). Enter both keys anew.",
    ),
    ("keys", _A): Text(
        "Der Zahlungsanbieter war nicht zu erreichen. Wiederholen Sie die Prüfung.",
        "The provider could not be reached. Repeat the check.",
    ),
    ("key_side", _P): Text("Die Schlüssel sind auf der richtigen Seite.", "The keys are on the right side."),
    ("key_side", _W): Text(
        "Live-Schlüssel auf einer Testanbindung: es fließt echtes Geld.",
        "Live keys on a test connection: real money moves.",
    ),
    ("key_side", _F): Text(
        "Test-Schlüssel auf einer Live-Anbindung: es wird kein Geld eingezogen. Tragen Sie die Live-Schlüssel ein.",
        "Test keys on a live connection: no money is captured. Enter the live keys.",
    ),
    ("callback", _P): Text("Der Zahlungsanbieter meldet Ereignisse an uns.", "The provider reports events to us."),
    ("callback", _W): Text(
        "Der Zahlungsanbieter meldet uns nichts. Zahlungen werden nur in Abständen nachgesehen; lassen "
        "Sie die Prüfung die Adresse "
        "eintragen.",
        "The provider reports nothing to us. Payments are looked at now and then only; let the check "
        "register the address.",
    ),
    ("callback", _A): Text(
        "Der Zahlungsanbieter war nicht zu erreichen. Wiederholen Sie die Prüfung.",
        "The provider could not be reached. Repeat the check.",
    ),
}
