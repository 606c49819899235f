"""Operations, reasons and systems in a few words, for use within other texts."""

from domain.wording import authorizations
from domain.wording.text import Text

OPERATIONS = {
    "authorize": Text("Autorisierung", "Authorization"),
    "capture": Text("Einzug", "Capture"),
    "void": Text("Freigabe der Zahlung", "Voiding the payment"),
    "refund": Text("Erstattung", "Refund"),
    "report_shipment": Text("Versandmeldung", "Report of the shipment"),
    "write_bank_data": Text("Eintragen der Überweisungsdaten", "Writing the transfer data"),
    "release": Text("Freigabe", "Release"),
    "lock": Text("Setzen der Versandsperre", "Setting the shipping lock"),
    "unlock": Text("Entfernen der Versandsperre", "Removing the shipping lock"),
    "book": Text("Buchung", "Booking"),
    "comment": Text("Kommentar", "Comment"),
    "mail": Text("E-Mail", "Mail"),
    "deliver": Text("Zustellung der Datei", "Delivery of the file"),
}

REASONS = {
    "": Text("ohne Angabe", "no reason given"),
    "quiet_window": Text("Nachtruhe des ERP", "quiet hours of the ERP"),
    "paused": Text("angehalten", "paused"),
    "rate": Text("zu viele Anfragen", "too many requests"),
    "busy": Text("Verbindung belegt", "connection busy"),
    "inactive": Text("abgeschaltet", "switched off"),
    "unreachable": Text("nicht erreichbar", "cannot be reached"),
    "misconfigured": Text("Zugangsdaten oder Einstellungen abgelehnt", "credentials or settings refused"),
    "too_early": Text("früherer Versuch noch offen", "an earlier attempt is still open"),
    "stale_owner": Text("von anderer Stelle übernommen", "taken over elsewhere"),
    "rolled_back": Text("von der Gegenseite zurückgenommen", "undone by the other side"),
    "refused": Text("abgelehnt", "refused"),
    "expired": Text("Autorisierung nicht mehr gültig", "authorization no longer valid"),
    "exceeds": Text("Betrag höher als verfügbar", "amount higher than available"),
    "not_found": Text("nicht gefunden", "not found"),
    "unsupported": Text("nicht unterstützt", "not supported"),
    "charged_back": Text("von der Bank des Kunden zurückgeholt", "taken back by the customer's bank"),
    "taken_over": Text("vielleicht von der früheren App erledigt", "perhaps done by the former app"),
    "withdrawn": Text("nicht ausgeführt und nicht mehr nötig", "not carried out and no longer needed"),
    "order_state": Text("Zustand der Bestellung lässt es nicht zu", "not allowed by the order's state"),
    "no_answer": Text("keine Antwort", "no answer"),
    "bad_answer": Text("Antwort unverständlich", "answer not understood"),
    "server_error": Text("Fehler der Gegenseite", "error of the other side"),
    "input_changed": Text("mit anderen Angaben begonnen", "begun with other figures"),
    "worker_lost": Text("Bearbeitung unterbrochen", "processing was interrupted"),
    "name_taken": Text("unter diesem Namen liegt etwas anderes", "something else has this name"),
    "waiting": Text("angenommen, noch nicht ausgeführt", "accepted, not carried out yet"),
    **authorizations.REASONS,
}

SYSTEMS = {
    "provider": Text("den Zahlungsanbieter", "the payment provider"),
    "erp": Text("das ERP", "the ERP"),
    "mail": Text("den Mailversand", "sending mails"),
}
