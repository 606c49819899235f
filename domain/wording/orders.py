"""What stands on an order in German and English: the comments in the ERP, and what the order waits for."""

from domain.wording import authorizations
from domain.wording.text import Text

COMMENTS = {
    "released": Text(
        "Zahlung geprüft und in Ordnung. Bestellung freigegeben.",
        "Payment checked and in order. Order released.",
    ),
    "released_captured": Text(
        "{amount} eingezogen (Vorgang {reference}), danach Bestellung freigegeben.",
        "{amount} captured (transaction {reference}), then order released.",
    ),
    "released_locked": Text(
        "Versandsperre gesetzt, dann Bestellung freigegeben. Grund der Sperre: {reason:problem}.",
        "Shipping lock set, then order released. Reason for the lock: {reason:problem}.",
    ),
    "locked": Text(
        "Versandsperre gesetzt. Grund: {reason:problem}.",
        "Shipping lock set. Reason: {reason:problem}.",
    ),
    "released_waiting_transfer": Text(
        "Vorkasse: Versandsperre gesetzt, dann Bestellung freigegeben. Erwartete Überweisung: {expected}.",
        "Prepayment: shipping lock set, then order released. Expected bank transfer: {expected}.",
    ),
    "unlocked_transfer": Text(
        "Zahlungseingang von {received}. Versandsperre entfernt, die Bestellung kann versandt werden.",
        "Incoming payment of {received}. Shipping lock removed, the order can be shipped.",
    ),
    "unlocked_verified": Text(
        "Zahlung erneut geprüft und in Ordnung. Versandsperre entfernt.",
        "Payment checked again and in order. Shipping lock removed.",
    ),
    "captured_booked": Text(
        "Rechnung {invoice}: {amount} eingezogen (Vorgang {reference}) und mit Buchungsevent {event} ausgeglichen.",
        "Invoice {invoice}: {amount} captured (transaction {reference}) and cleared with booking event {event}.",
    ),
    "booked": Text(
        "Rechnung {invoice}: {amount} mit Buchungsevent {event} ausgeglichen.",
        "Invoice {invoice}: {amount} cleared with booking event {event}.",
    ),
    "bank_data_written": Text(
        "Überweisungsdaten für die Rechnung eingetragen: Kontoinhaber, IBAN, BIC, Verwendungszweck.",
        "Transfer data for the invoice entered: account holder, IBAN, BIC, payment reference.",
    ),
    "voided": Text(
        "{amount} beim Zahlungsanbieter freigegeben, der Betrag wird nicht mehr gefordert.",
        "{amount} released at the payment provider, the amount is no longer claimed.",
    ),
    "nothing_to_void": Text(
        "Beim Zahlungsanbieter war nichts mehr reserviert oder offen.",
        "At the payment provider nothing was held or owed any more.",
    ),
    "refunded": Text(
        "Storno: {amount} zurückgegeben (Vorgang {reference}).",
        "Cancellation: {amount} given back (transaction {reference}).",
    ),
    "refunded_booked": Text(
        "Gutschrift {credit_note}: {amount} erstattet (Vorgang {reference}) und mit Buchungsevent {event} "
        "ausgeglichen.",
        "Credit note {credit_note}: {amount} refunded (transaction {reference}) and cleared with booking event "
        "{event}.",
    ),
    "shipment_reported": Text(
        "Versand an den Zahlungsanbieter gemeldet. Die Zahlungsfrist des Kunden läuft.",
        "Shipment reported to the payment provider. The customer's time to pay has begun.",
    ),
    "capture_failed": Text(
        "Rechnung {invoice}: Einzug von {amount} nicht gelungen ({problem:problem}). Nicht ausgeglichen.",
        "Invoice {invoice}: capture of {amount} did not succeed ({problem:problem}). Not cleared.",
    ),
    "payment_pending": Text(
        "Die Zahlung ist beim Anbieter noch nicht abgeschlossen. Bestellung bleibt angehalten, wir sehen wieder nach.",
        "The payment is not finished at the provider. Order stays on hold, we will look again.",
    ),
    "shipped_unpaid": Text(
        "Rechnung {invoice} wurde ohne gemeldeten Zahlungseingang versandt. Bitte von Hand ausgleichen.",
        "Invoice {invoice} was shipped without a reported payment. Please clear it by hand.",
    ),
    "invoices_exceed": Text(
        "Rechnung {invoice} nicht ausgeglichen: die Rechnungen ergeben {sum}, der Auftrag lautet auf {order}.",
        "Invoice {invoice} not cleared: the invoices add up to {sum}, the order amounts to {order}.",
    ),
    "transfer_too_little": Text(
        "Zu wenig überwiesen: {received} von {expected} eingegangen. Die Versandsperre bleibt.",
        "Transfer too small: {received} of {expected} have arrived. The shipping lock stays.",
    ),
    "transfer_too_much": Text(
        "Zu viel überwiesen: {received} eingegangen, {expected} erwartet. Der Überschuss ist von Hand zu erstatten.",
        "Transfer too large: {received} have arrived, {expected} were expected. The surplus is to be refunded by hand.",
    ),
    "transfer_overdue": Text(
        "Seit {days} Tagen ist die Überweisung nicht vollständig eingegangen. Die Versandsperre bleibt.",
        "For {days} days the bank transfer has not arrived in full. The shipping lock stays.",
    ),
    "hold_aging": Text(
        "Die Autorisierung ist {days} Tage alt und noch nicht vollständig eingezogen.",
        "The authorization is {days} days old and not fully captured.",
    ),
    "cancel_wished_locked": Text(
        "Stornierung gewünscht. Versandsperre gesetzt; bitte die Positionen im ERP stornieren.",
        "Cancellation requested. Shipping lock set; please cancel the lines in the ERP.",
    ),
    "cancel_wished_shipped": Text(
        "Stornierung gewünscht, aber es ist bereits Ware versandt. Es wurde nichts geändert.",
        "Cancellation requested, but goods have been shipped already. Nothing was changed.",
    ),
    "capture_unverified": Text(
        "Rechnung {invoice} wurde versandt, obwohl die Zahlung nie bestätigt war. Nichts eingezogen, nicht "
        "ausgeglichen.",
        "Invoice {invoice} was shipped although the payment was never verified. Nothing captured, not cleared.",
    ),
    "booking_failed": Text(
        "Rechnung {invoice}: die Buchung von {amount} wurde nicht angenommen. Bitte von Hand ausgleichen.",
        "Invoice {invoice}: the booking of {amount} was not accepted. Please clear it by hand.",
    ),
    "problem": Text(
        "Diese Bestellung braucht jemanden: {problem:problem}.",
        "This order needs someone: {problem:problem}.",
    ),
}

WAITS = {
    "wait_snapshot": Text(
        "Wartet auf das nächste Bild der Bestellung aus dem ERP.",
        "Waits for the next picture of the order from the ERP.",
    ),
    "wait_release_check": Text(
        "Wartet darauf, dass die Zahlung vor der Freigabe geprüft wird.",
        "Waits for the payment to be checked before the release.",
    ),
    "wait_payment_decision": Text(
        "Wartet darauf, dass der Zahlungsanbieter über die Zahlung entscheidet.",
        "Waits for the payment provider to decide about the payment.",
    ),
    "wait_transfer": Text(
        "Wartet auf die Überweisung: {received} von {expected} sind da. Wir sehen spätestens {next_look:instant} "
        "wieder nach.",
        "Waits for the bank transfer: {received} of {expected} are here. We look again no later than "
        "{next_look:instant}.",
    ),
    "wait_shipping": Text("Wartet auf den Versand.", "Waits for shipping."),
    "wait_closed": Text(
        "Wartet darauf, dass alle Positionen versandt oder storniert sind.",
        "Waits until all lines are shipped or cancelled.",
    ),
    "wait_erp_window": Text(
        "Wartet, bis das ERP nach der Nachtruhe wieder angesprochen werden darf: {until:instant}.",
        "Waits until the ERP may be called again after its quiet hours: {until:instant}.",
    ),
    "wait_retry": Text(
        "{operation:operation} hat noch nicht geklappt ({reason:reason}). Nächster Versuch: {until:instant}.",
        "{operation:operation} has not worked yet ({reason:reason}). Next attempt: {until:instant}.",
    ),
    "wait_payment_read": Text(
        "Die Zahlung wurde noch nicht abgerufen ({reason:reason}). Nächster Versuch: {until:instant}.",
        "The payment has not been read yet ({reason:reason}). Next attempt: {until:instant}.",
    ),
    "wait_unknown": Text(
        "{operation:operation}: ob der Vorgang ausgeführt wurde, ist noch unklar. Nächste Rückfrage: {until:instant}.",
        "{operation:operation}: whether it took effect is not known yet. Next inquiry: {until:instant}.",
    ),
    "wait_person": Text(
        "Wartet auf eine Entscheidung von Ihnen: {problem:problem}.",
        "Waits for a decision of yours: {problem:problem}.",
    ),
    "wait_end": Text(
        "Ausgeglichen. Ohne weitere Änderung endet die Betreuung: {until:instant}.",
        "Settled. Without further change we stop looking after it: {until:instant}.",
    ),
    "out_of_scope": Text(
        "Von Hand angelegte oder Umtauschbestellung ohne Zahlungs-ID: wird nicht betreut.",
        "Manual or exchange order without a payment ID: not looked after.",
    ),
    "blocked": Text(
        "Geht nicht weiter, bis das Problem gelöst ist: {problem:problem}.",
        "Does not go on until the problem is solved: {problem:problem}.",
    ),
    "method_deprecated": Text(
        "Die Zahlungsart {method} läuft beim Anbieter aus. Bitte auf {successor} umstellen.",
        "The provider is discontinuing the payment method {method}. Please change to {successor}.",
    ),
    "method_closed": Text(
        "Die Zahlungsart {method} ist beim Anbieter eingestellt. Bitte im Shop eine andere anbieten.",
        "The provider has closed the payment method {method}. Please offer another one in the shop.",
    ),
    "finished": Text("Abgeschlossen.", "Finished."),
    **authorizations.WAITS,
}
