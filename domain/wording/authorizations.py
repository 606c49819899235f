"""What merchants are told of their authorizations, in German and English: problems, failed and good extensions."""

from domain.wording.text import Text

EXTENSIONS = {
    "renewal": Text("Erneuerung", "renewal"),
    "split": Text("Teilung", "split"),
}

STANDINGS = {
    "voided": Text("aufgehoben", "voided"),
    "lapsed": Text("abgelaufen", "lapsed"),
    "declined": Text("abgelehnt", "declined"),
    "missing": Text("dem Anbieter unbekannt", "unknown to the provider"),
}

REASONS = {
    "no_amount": Text("der Betrag ist keine positive Zahl", "the amount is no positive number"),
    "too_small": Text(
        "Beträge unter einer Währungseinheit bucht der Anbieter nur nach Absprache",
        "the provider captures less than one unit of currency by agreement only",
    ),
    "nothing_held": Text("es ist nichts reserviert", "nothing is held"),
    "not_held_yet": Text("der Restbetrag wird erst neu autorisiert", "the remainder is yet to be authorized anew"),
    "one_a_day": Text("nur eine Teilbuchung am Tag", "one partial capture a day"),
    "five_minutes": Text("zwischen zwei Buchungen liegen fünf Minuten", "five minutes between two captures"),
    "blackout": Text(
        "nachts sind mehrere Buchungen desselben Tages nicht möglich", "no further capture of the same day at night"
    ),
    "above_open": Text("Betrag höher als die Reservierung", "amount higher than what is held"),
    "above_captured": Text("Betrag höher als das Eingezogene", "amount higher than what was captured"),
    "last_was_capture": Text(
        "zuletzt wurde eingezogen, die Rücknahme gäbe Geld zurück",
        "the last action was a capture, undoing it would give back money",
    ),
    "too_late": Text("es läuft schon oder ist getan", "it is under way or done already"),
    "nothing_to_undo": Text("es gibt nichts rückgängig zu machen", "there is nothing to undo"),
    "scheme_forbids": Text(
        "das Kartensystem erlaubt keinen weiteren Versuch", "the card scheme allows no further attempt"
    ),
    "differs": Text("die Bücher des Anbieters weichen ab", "the provider's books differ"),
    "declined_by_issuer": Text("Ablehnung vom Autorisierungssystem", "declined by the authorization system"),
    "temporarily_impossible": Text("Verarbeitung zurzeit nicht möglich", "cannot be processed at present"),
    "issuer_unreachable": Text("kartenausgebende Bank nicht erreichbar", "the issuer cannot be reached"),
    "insufficient_funds": Text("Deckung oder Limit reicht nicht", "funds or limit are insufficient"),
    "never_again": Text("Karte gesperrt oder widerrufen", "the card is blocked or was revoked"),
    "customer_must_act": Text("der Kunde muss zustimmen", "the customer has to agree"),
    "card_data_outdated": Text("Kartendaten veraltet", "the card data are outdated"),
    "amount_refused": Text("Betrag nicht zulässig", "the amount is not allowed"),
    "refused_by_provider": Text("vom Zahlungsanbieter abgelehnt", "refused by the payment provider"),
    "looks_like_duplicate": Text("sieht nach Doppelung aus", "looks like a duplicate"),
    "declined": Text("ohne bekannten Grund abgelehnt", "declined without a known reason"),
    "not_renewable": Text("ohne den Kunden nicht erneuerbar", "cannot be authorized again without the customer"),
    "asked": Text("auf Wunsch", "on request"),
    "finished": Text("letzte Buchung", "last capture"),
    "zero_capture": Text("Buchung über null", "a capture of nothing"),
    "given_up": Text("der Rest wird nicht mehr gebraucht", "the rest is not needed any more"),
    "reversed": Text("Reservierung aufgehoben", "the hold was voided"),
    "max_age": Text("höchstes Alter erreicht", "the maximum age is reached"),
    "failed_void": Text("eine Aufhebung ist fehlgeschlagen", "a void failed"),
    "failed_capture": Text("ein Einzug ist fehlgeschlagen", "a capture failed"),
    "failed_refund": Text("eine Erstattung ist fehlgeschlagen", "a refund failed"),
    "failed_renewal": Text("die Erneuerung ist fehlgeschlagen", "the renewal failed"),
    "failed_split": Text("die Teilung ist fehlgeschlagen", "the split failed"),
    "split_off": Text("ohne Autorisierungsteilung", "split is not agreed on"),
    "refused_action": Text("eine Aktion wurde abgewiesen", "an action was refused"),
}

CAUSES = {
    "hold_ends_soon": Text("Reservierung endet bald", "Hold ends soon"),
    "hold_outside_guarantee": Text("Reservierung ohne Gewähr", "Hold is not guaranteed"),
    "not_renewable": Text("Nicht erneuerbar", "Cannot be renewed"),
    "hold_unreadable": Text("Reservierung zurzeit nicht abrufbar", "Hold cannot be read at present"),
    "unsecured": Text("Nichts mehr reserviert", "Nothing is held any more"),
    "renewal_failed": Text("Erneuerung fehlgeschlagen", "Renewal failed"),
    "renewal_stopped": Text("Erneuerung angehalten", "Renewal was stopped"),
    "hold_differs": Text("Reservierung weicht ab", "Hold differs"),
    "two_holds": Text("Doppelt reserviert", "Held twice"),
    "hold_not_usable": Text("Keine gültige Reservierung", "No valid hold"),
}

HAPPENED = {
    "hold_ends_soon": Text(
        "Die Reservierung über {amount} ist nur bis {deadline:instant} gesichert und wird nicht erneuert.",
        "The hold of {amount} is secured until {deadline:instant} only and will not be renewed.",
    ),
    "hold_outside_guarantee": Text(
        "Das Kartensystem steht für die Reservierung über {amount} nur bis {deadline:instant} ein; erneuert wird sie "
        "am {renewal:instant}.",
        "The card scheme stands behind the hold of {amount} until {deadline:instant} only; it is renewed at "
        "{renewal:instant}.",
    ),
    "not_renewable": Text(
        "Die Reservierung über {amount} endet am {deadline:instant}. Erneuern lässt sie sich nicht, denn die Karte "
        "wurde nicht für spätere Zahlungen hinterlegt.",
        "The hold of {amount} ends at {deadline:instant}. It cannot be renewed, for the card was not kept for later "
        "payments.",
    ),
    "hold_unreadable": Text(
        "Der Zahlungsanbieter konnte nicht nach der Reservierung gefragt werden: {reason:reason}.",
        "The payment provider could not be asked about the hold: {reason:reason}.",
    ),
    "unsecured": Text(
        "{amount} sind nicht mehr reserviert, denn die neue Autorisierung wurde abgelehnt: {reason:reason} "
        "(Code {code}).",
        "{amount} are no longer held, for the new authorization was declined: {reason:reason} (code {code}).",
    ),
    "renewal_failed": Text(
        "Die Reservierung über {amount} konnte nicht erneuert werden: {reason:reason} (Code {code}). Die alte besteht, "
        "bis sie abläuft.",
        "The hold of {amount} could not be renewed: {reason:reason} (code {code}). The old one stands until it lapses.",
    ),
    "renewal_stopped": Text(
        "Die Reservierung wird nicht mehr erneuert: {reason:reason}.",
        "The hold is not renewed any more: {reason:reason}.",
    ),
    "hold_differs": Text(
        "Beim Anbieter steht die Reservierung {hold} anders als in unseren Büchern. Sie wird nicht erneuert.",
        "The hold {hold} stands otherwise at the provider than in our books. It is not renewed.",
    ),
    "two_holds": Text(
        "Die ältere Reservierung {hold} über {amount} ließ sich nicht aufheben und besteht neben der neuen.",
        "The older hold {hold} of {amount} could not be voided and stands beside the new one.",
    ),
    "hold_not_usable": Text(
        "Die übergebene Reservierung ist {standing:standing}.",
        "The hold that was handed over is {standing:standing}.",
    ),
}

TO_DO = {
    "hold_ends_soon": Text(
        "Ziehen Sie den Betrag vorher ein oder bitten Sie den Kunden um eine neue Zahlung.",
        "Capture the amount before, or ask the customer for a new payment.",
    ),
    "hold_outside_guarantee": Text(
        "Wählen Sie einen kürzeren Abstand der Erneuerung, wenn die Lücke Sie stört.",
        "Choose a shorter renewal interval if the gap troubles you.",
    ),
    "not_renewable": Text(
        "Ziehen Sie den Betrag vor dem Ende ein.",
        "Capture the amount before the hold ends.",
    ),
    "hold_unreadable": Text("Noch nichts. Wir fragen weiter nach.", "Nothing yet. We keep asking."),
    "unsecured": Text(
        "Versenden Sie nicht, bevor der Kunde eine andere Zahlung geleistet hat.",
        "Do not ship before the customer has paid in another way.",
    ),
    "renewal_failed": Text(
        "Ziehen Sie den Betrag bald ein oder bitten Sie den Kunden um eine andere Zahlung.",
        "Capture the amount soon, or ask the customer to pay in another way.",
    ),
    "renewal_stopped": Text(
        "Ziehen Sie den Betrag ein, bevor die Reservierung endet.",
        "Capture the amount while the hold still stands.",
    ),
    "hold_differs": Text(
        "Sehen Sie beim Anbieter nach, wer die Reservierung geändert hat, und buchen Sie den Rest dort von Hand.",
        "See at the provider who changed the hold, and capture the rest there by hand.",
    ),
    "two_holds": Text(
        "Heben Sie die ältere beim Anbieter auf, damit der Kunde nicht doppelt belastet erscheint.",
        "Void the older one at the provider, so that the customer's limit is not used twice.",
    ),
    "hold_not_usable": Text(
        "Prüfen Sie die Zahlung beim Anbieter und die Kennung, mit der sie übergeben wurde.",
        "Check the payment at the provider and the reference with which it was handed over.",
    ),
}

_FIELDS = Text(
    "\n\nZahlart: CC\nAktion: {extension:extension}\nBetrag: {amount} ({amount_minor} {currency})\n"
    "Vorgang: {case_reference}\nReferenz: {payout_reference}\nZahlung beim Anbieter: {reference}\nStatus: FAILED\n"
    "Fehlercode: {code}\nBeschreibung: {reason:reason}",
    "\n\nPayment type: CC\nAction: {extension:extension}\nAmount: {amount} ({amount_minor} {currency})\n"
    "Case: {case_reference}\nReference: {payout_reference}\nPayment at the provider: {reference}\nStatus: FAILED\n"
    "Error code: {code}\nDescription: {reason:reason}",
)

NOTICE_SUBJECTS = {
    "extension_failed": Text("Autorisierung nicht verlängert", "Authorization not extended"),
    "extension_failed_hope": Text(
        "Autorisierung nicht verlängert, noch ein Versuch", "Authorization not extended, one more attempt"
    ),
    "renewed": Text("Autorisierung erneuert", "Authorization renewed"),
    "split": Text("Restbetrag neu autorisiert", "Remainder authorized anew"),
}

NOTICES = {
    "extension_failed": Text(
        "Eine Autorisierung konnte nicht verlängert werden." + _FIELDS.german,
        "An authorization could not be extended." + _FIELDS.english,
    ),
    "extension_failed_hope": Text(
        "Eine Autorisierung konnte nicht verlängert werden. Am {hope_at:instant} folgt noch ein Versuch, sofern bis "
        "dahin nichts anderes für diese Zahlung gesendet wird." + _FIELDS.german,
        "An authorization could not be extended. One more attempt follows at {hope_at:instant} unless anything else is "
        "sent for this payment before." + _FIELDS.english,
    ),
    "renewed": Text(
        "Die Autorisierung wurde über {amount} erneuert. Die {number}. Reservierung heißt beim Anbieter {hold}.",
        "The authorization was renewed for {amount}. Hold number {number} is called {hold} at the provider.",
    ),
    "split": Text(
        "Der Restbetrag {amount} wurde neu autorisiert. Die {number}. Reservierung heißt beim Anbieter {hold}.",
        "The remainder of {amount} was authorized anew. Hold number {number} is called {hold} at the provider.",
    ),
}

STATUSES = {
    "unusable": Text("nicht verwendbar", "not usable"),
    "unsecured": Text("ungesichert", "unsecured"),
    "captured": Text("eingezogen", "captured"),
    "voided": Text("aufgehoben", "voided"),
    "lapsed": Text("abgelaufen", "lapsed"),
}

WAITS = {
    "wait_first_look": Text(
        "Die Reservierung wurde beim Anbieter noch nicht bestätigt.",
        "The hold was not confirmed by the provider yet.",
    ),
    "hold_unusable": Text(
        "Was übergeben wurde, ist keine gültige Reservierung.", "What was handed over is no valid hold."
    ),
    "wait_hold_read": Text(
        "Die Reservierung ist zurzeit nicht abrufbar ({reason:reason}). Nächster Versuch: {until:instant}.",
        "The hold cannot be read at present ({reason:reason}). Next attempt: {until:instant}.",
    ),
    "wait_hope_run": Text(
        "{amount} sind nicht reserviert. Am {until:instant} folgt ein letzter Versuch, sofern vorher nichts anderes "
        "gesendet wird.",
        "{amount} are not held. One last attempt follows at {until:instant} unless anything else is sent before.",
    ),
    "wait_authorization": Text(
        "Die Reservierung über {amount} wird gerade erneuert.", "The hold of {amount} is being renewed."
    ),
    "wait_split": Text(
        "Der Restbetrag {amount} wird am {until:instant} neu autorisiert.",
        "The remainder of {amount} is authorized anew at {until:instant}.",
    ),
    "wait_renewal": Text(
        "{amount} sind reserviert und werden am {until:instant} erneuert, wenn vorher niemand einzieht.",
        "{amount} are held and renewed at {until:instant} unless somebody captures before.",
    ),
    "wait_lapse": Text(
        "{amount} sind bis {until:instant} reserviert und werden nicht erneuert ({reason:reason}).",
        "{amount} are held until {until:instant} and will not be renewed ({reason:reason}).",
    ),
    "authorization_over": Text(
        "Abgeschlossen: {status:status}. Es ist nichts mehr zu tun.", "Over: {status:status}. Nothing is left to do."
    ),
}
