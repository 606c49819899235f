"""The problems of the catalogue in German and English: in a few words, what happened, and what to do."""

from domain.wording import authorizations, failure_files
from domain.wording.text import Text

CAUSES = {
    "payment_pending": Text("Zahlung noch nicht abgeschlossen", "Payment not finished yet"),
    "payment_unreadable": Text("Zahlung zurzeit nicht abrufbar", "Payment cannot be read at present"),
    "waiting_for_transfer": Text("Wartet auf die Überweisung", "Waiting for the bank transfer"),
    "transfer_too_little": Text("Zu wenig überwiesen", "Transfer too small"),
    "transfer_too_much": Text("Zu viel überwiesen", "Transfer too large"),
    "transfer_overdue": Text("Überweisung bleibt aus", "Bank transfer overdue"),
    "shipped_unpaid": Text("Ohne Zahlungseingang versandt", "Shipped before payment arrived"),
    "hold_aging": Text("Autorisierung wird alt", "Authorization is getting old"),
    "settlement_late": Text("Ausgleich verspätet", "Clearing is late"),
    "cancel_wished": Text("Stornierung gewünscht", "Cancellation requested"),
    "workflow_cancelled": Text("Abbruch in Temporal verlangt", "Stop requested in Temporal"),
    "give_back_late": Text("Rückgabe verspätet", "Giving back is late"),
    "payment_id_missing": Text("Zahlungs-ID fehlt", "Payment ID missing"),
    "payment_unknown": Text("Zahlung beim Anbieter unbekannt", "Payment unknown to the provider"),
    "payment_declined": Text("Zahlung abgelehnt", "Payment declined"),
    "amount_differs": Text("Betrag weicht ab", "Amount differs"),
    "currency_differs": Text("Währung weicht ab", "Currency differs"),
    "payment_tag_differs": Text("Zahlungsart-Kennung weicht ab", "Payment tag differs"),
    "payment_voided": Text("Autorisierung wurde aufgehoben", "Authorization was voided"),
    "payment_given_back": Text("Zahlung wurde schon zurückgegeben", "Payment was given back already"),
    "bank_data_missing": Text("Überweisungsdaten fehlen im ERP", "Transfer data missing in the ERP"),
    "unsupported_method": Text("Zahlungsart nicht unterstützt", "Payment method not supported"),
    "pay_back_by_transfer": Text("Durch Überweisung zurückzahlen", "Pay back by transfer"),
    "invoices_exceed_order": Text("Rechnungen übersteigen den Auftrag", "Invoices exceed the order"),
    "capture_failed": Text("Einzug fehlgeschlagen", "Capture failed"),
    "shipment_failed": Text("Versandmeldung fehlgeschlagen", "Report of the shipment failed"),
    "capture_unverified": Text("Versandt, aber Zahlung nie bestätigt", "Shipped although never verified"),
    "authorization_expired": Text("Autorisierung abgelaufen", "Authorization expired"),
    "booking_failed": Text("Buchung im ERP fehlgeschlagen", "Booking in the ERP failed"),
    "erp_refused": Text("ERP hat abgelehnt", "ERP refused"),
    "outcome_unknown": Text("Ergebnis bleibt unklar", "Outcome remains unknown"),
    "misconfigured": Text("Zugangsdaten oder Einstellungen falsch", "Credentials or settings wrong"),
    "cancellation_by_hand": Text("Storno von Hand abschließen", "Finish the cancellation by hand"),
    "credit_note_by_hand": Text("Gutschrift von Hand erstatten", "Refund the credit note by hand"),
    "cancellation_failed": Text("Storno beim Anbieter fehlgeschlagen", "Cancellation at the provider failed"),
    "refund_failed": Text("Erstattung fehlgeschlagen", "Refund failed"),
    "credit_note_settled": Text("Gutschrift schon ausgeglichen", "Credit note settled already"),
    "refund_exceeds": Text("Erstattung höher als das Eingezogene", "Refund higher than what was captured"),
    "refund_incomplete": Text("Nur teilweise erstattet", "Refunded in part only"),
    "refunded_by_hand": Text("Vielleicht schon von Hand erstattet", "Perhaps refunded by hand already"),
    "credit_notes_exceed_return": Text("Mehr Gutschriften als Retouren", "More credit notes than returns"),
    "invoice_by_hand": Text("Rechnung von Hand angelegt", "Invoice made by hand"),
    "chargeback": Text("Zahlung wurde angefochten", "Payment was charged back"),
    "taken_over_unclear": Text("Übernahme: bitte entscheiden", "Taken over: please decide"),
    **authorizations.CAUSES,
    **failure_files.CAUSES,
}

HAPPENED = {
    "payment_pending": Text(
        "Die Bestellung wurde importiert, bevor der Zahlungsanbieter über die Zahlung entschieden hat. Sie bleibt "
        "angehalten.",
        "The order was imported before the payment provider decided about the payment. It stays on hold.",
    ),
    "payment_unreadable": Text(
        "Die Zahlung ließ sich beim Anbieter nicht abrufen ({reason:reason}). Die Bestellung bleibt, wie sie ist.",
        "The payment could not be read at the provider ({reason:reason}). The order stays as it is.",
    ),
    "waiting_for_transfer": Text(
        "Die Bestellung ist freigegeben und für den Versand gesperrt, bis {expected} eingegangen sind.",
        "The order is released and locked for shipping until {expected} have arrived.",
    ),
    "transfer_too_little": Text(
        "Eingegangen sind {received}, erwartet werden {expected}. Die Versandsperre bleibt gesetzt.",
        "{received} have arrived, {expected} are expected. The shipping lock stays set.",
    ),
    "transfer_too_much": Text(
        "Eingegangen sind {received}, erwartet wurden nur {expected}. Die Bestellung läuft weiter.",
        "{received} have arrived, only {expected} were expected. The order goes on.",
    ),
    "transfer_overdue": Text(
        "Seit {days} Tagen ist die erwartete Überweisung nicht vollständig eingegangen.",
        "For {days} days the expected bank transfer has not arrived in full.",
    ),
    "shipped_unpaid": Text(
        "Die Ware zur Rechnung {invoice} wurde versandt, obwohl kein Zahlungseingang gemeldet ist. Die Rechnung "
        "wurde nicht ausgeglichen.",
        "The goods of invoice {invoice} were shipped although no payment has been reported. The invoice was not "
        "cleared.",
    ),
    "hold_aging": Text(
        "Die Autorisierung ist {days} Tage alt und noch nicht vollständig eingezogen. Wie lange sie gilt, ist "
        "zwischen Ihnen und dem Anbieter vereinbart.",
        "The authorization is {days} days old and not fully captured. How long it is valid is agreed between you "
        "and the provider.",
    ),
    "settlement_late": Text(
        "Die Rechnung {invoice} ist noch nicht ausgeglichen, obwohl die Voraussetzungen seit Längerem erfüllt sind.",
        "Invoice {invoice} is not cleared yet although its conditions have been met for a while.",
    ),
    "cancel_wished": Text(
        "Der Shop oder ein Mitarbeiter möchte diese Bestellung stornieren. Am Geld wurde nichts geändert.",
        "The shop or a member of staff wants this order cancelled. The money was not touched.",
    ),
    "workflow_cancelled": Text(
        "In Temporal wurde der Ablauf dieser Bestellung abgebrochen. Holdfast betreut die Bestellung weiter.",
        "The workflow of this order was cancelled in Temporal. Holdfast keeps looking after the order.",
    ),
    "give_back_late": Text(
        "{operation:operation} ist beim Zahlungsanbieter noch nicht bestätigt, obwohl der Vorgang seit Längerem läuft.",
        "{operation:operation} is not confirmed by the payment provider yet although it has been going on for a while.",
    ),
    "payment_id_missing": Text(
        "Die Bestellung trägt keine Zahlungs-ID. Ohne sie lässt sich die Zahlung nicht prüfen.",
        "The order carries no payment ID. Without it the payment cannot be checked.",
    ),
    "payment_unknown": Text(
        "Der Zahlungsanbieter kennt die Zahlung {payment_id} nicht.",
        "The payment provider does not know the payment {payment_id}.",
    ),
    "payment_declined": Text(
        "Der Zahlungsanbieter hat die Zahlung dieser Bestellung abgelehnt.",
        "The payment provider declined the payment of this order.",
    ),
    "amount_differs": Text(
        "Die Bestellung lautet auf {order}, die Zahlung auf {payment}. Der Unterschied übersteigt die erlaubte "
        "Rundungsdifferenz.",
        "The order amounts to {order}, the payment to {payment}. The difference exceeds the rounding tolerance.",
    ),
    "currency_differs": Text(
        "Die Bestellung ist in {order}, die Zahlung in {payment} geführt.",
        "The order is in {order}, the payment in {payment}.",
    ),
    "payment_tag_differs": Text(
        "Das Importdokument nennt die Zahlungsart „{found}“, eingestellt ist „{expected}“.",
        "The import document names the payment method “{found}”, the configuration expects “{expected}”.",
    ),
    "payment_voided": Text(
        "Die Zahlung wurde beim Anbieter vollständig aufgehoben. Es ist kein Geld mehr reserviert.",
        "The payment was voided completely at the provider. No money is held any more.",
    ),
    "payment_given_back": Text(
        "Die Bestellung war vollständig storniert, und ihre Zahlung wurde zurückgegeben. Nun geht sie weiter.",
        "The order was cancelled completely and its payment given back. Now the order goes on.",
    ),
    "bank_data_missing": Text(
        "Die Überweisungsdaten konnten nicht in die Bestellung geschrieben werden ({reason:reason}). Die Rechnung "
        "druckt sie daher nicht.",
        "The transfer data could not be written into the order ({reason:reason}). The invoice will not print them.",
    ),
    "unsupported_method": Text(
        "Die Bestellung wurde mit „{method}“ bezahlt. Holdfast bearbeitet diese Zahlungsart nicht.",
        "The order was paid with “{method}”. Holdfast does not handle this payment method.",
    ),
    "pay_back_by_transfer": Text(
        "{amount} sind zu erstatten, aber diese Zahlungsart lässt keine Erstattung zu.",
        "{amount} are to be refunded, but this payment method allows no refunds.",
    ),
    "invoices_exceed_order": Text(
        "Mit der Rechnung {invoice} ergeben die Rechnungen zusammen {sum}, der Auftrag lautet auf {order}. Die "
        "Rechnung wurde nicht ausgeglichen.",
        "With invoice {invoice} the invoices add up to {sum}, the order amounts to {order}. The invoice was not "
        "cleared.",
    ),
    "capture_failed": Text(
        "Der Zahlungsanbieter hat den Einzug von {amount} abgelehnt ({reason:reason}).",
        "The payment provider refused the capture of {amount} ({reason:reason}).",
    ),
    "shipment_failed": Text(
        "Der Zahlungsanbieter hat die Meldung des Versands abgelehnt ({reason:reason}). Die Zahlungsfrist des Kunden "
        "läuft nicht, die Rechnungen wurden nicht ausgeglichen.",
        "The payment provider refused the report of the shipment ({reason:reason}). The customer's time to pay has not "
        "begun, and the invoices were not cleared.",
    ),
    "capture_unverified": Text(
        "Die Ware zur Rechnung {invoice} wurde versandt, obwohl die Prüfung der Zahlung nie bestanden wurde. Es "
        "wurde nichts eingezogen.",
        "The goods of invoice {invoice} were shipped although the payment never passed its check. Nothing was "
        "captured.",
    ),
    "authorization_expired": Text(
        "{amount} können nicht mehr eingezogen werden, denn die Autorisierung gilt nicht mehr. Holdfast versucht es "
        "nicht noch einmal.",
        "{amount} can no longer be captured, because the authorization is not valid any more. Holdfast will not "
        "try again.",
    ),
    "booking_failed": Text(
        "Die Zahlung von {amount} ist in Ordnung, aber das ERP hat die Buchung zur Rechnung {invoice} nicht "
        "angenommen.",
        "The payment of {amount} is in order, but the ERP did not accept the booking of invoice {invoice}.",
    ),
    "erp_refused": Text(
        "Das ERP hat den Vorgang „{operation:operation}“ abgelehnt ({reason:reason}).",
        "The ERP refused the operation “{operation:operation}” ({reason:reason}).",
    ),
    "outcome_unknown": Text(
        "Auf den Vorgang „{operation:operation}“ kam auch nach mehreren Rückfragen keine eindeutige Antwort. Er kann "
        "ausgeführt worden sein oder nicht.",
        "The operation “{operation:operation}” got no clear answer, even after several inquiries. It may have taken "
        "effect or not.",
    ),
    "misconfigured": Text(
        "Die Zugangsdaten oder Einstellungen für {system:system} fehlen oder wurden abgelehnt. Bis sie stimmen, "
        "ruht die Bestellung.",
        "The credentials or settings for {system:system} are missing or were refused. The order rests until they "
        "are right.",
    ),
    "cancellation_by_hand": Text(
        "Alle Positionen sind storniert. Eingezogen sind {captured}, noch reserviert sind {held}.",
        "All lines are cancelled. {captured} have been captured, {held} are still held.",
    ),
    "credit_note_by_hand": Text(
        "Zur Bestellung gibt es die Gutschrift {credit_note} über {amount}. Holdfast hat nichts erstattet.",
        "The order has the credit note {credit_note} of {amount}. Holdfast refunded nothing.",
    ),
    "cancellation_failed": Text(
        "Die Bestellung ist storniert, aber der Zahlungsanbieter hat die Rückgabe von {amount} abgelehnt "
        "({reason:reason}).",
        "The order is cancelled, but the payment provider refused to give back {amount} ({reason:reason}).",
    ),
    "refund_failed": Text(
        "Der Zahlungsanbieter hat die Erstattung von {amount} abgelehnt ({reason:reason}). Es wurde nichts gebucht.",
        "The payment provider refused the refund of {amount} ({reason:reason}). Nothing was booked.",
    ),
    "credit_note_settled": Text(
        "Die Gutschrift {credit_note} über {amount} war schon ausgeglichen. Es wurde nichts erstattet.",
        "The credit note {credit_note} of {amount} was settled already. Nothing was refunded.",
    ),
    "refund_exceeds": Text(
        "Zu erstatten wären {amount}, eingezogen und nicht erstattet sind nur {captured}. Es wurde nichts erstattet.",
        "{amount} would have to be refunded, but only {captured} are captured and not refunded. Nothing was refunded.",
    ),
    "refund_incomplete": Text(
        "Von {amount} wurden nur {refunded} erstattet, den Rest hat der Zahlungsanbieter abgelehnt.",
        "Of {amount} only {refunded} were refunded, the payment provider refused the rest.",
    ),
    "refunded_by_hand": Text(
        "Zu erstatten sind {amount}. Beim Zahlungsanbieter wurden von Hand {refunded} erstattet, die keiner Gutschrift "
        "zuzuordnen sind. Damit nichts doppelt zurückgeht, wurde nichts erstattet.",
        "{amount} are to be refunded. At the payment provider {refunded} went back by hand that belong to no credit "
        "note. So that nothing goes back twice, nothing was refunded.",
    ),
    "credit_notes_exceed_return": Text(
        "Die Gutschrift {credit_note} über {amount} geht über die zurückgekommene Ware hinaus. Es wurde dafür nichts "
        "erstattet.",
        "The credit note {credit_note} of {amount} goes beyond the goods that came back. Nothing was refunded for it.",
    ),
    "invoice_by_hand": Text(
        "Die Rechnung {invoice} über {amount} gehört zu keiner versandten Position. Sie wurde weder eingezogen noch "
        "ausgeglichen.",
        "The invoice {invoice} of {amount} belongs to no line that was shipped. It was neither captured nor cleared.",
    ),
    "chargeback": Text(
        "Die Bank des Kunden hat {amount} zurückgeholt.",
        "The customer's bank took back {amount}.",
    ),
    "taken_over_unclear": Text(
        "{operation:operation} {subject} ({amount}): Ob die frühere App das schon erledigt hat, lässt sich nicht "
        "erkennen. Holdfast hat es nicht getan.",
        "{operation:operation} {subject} ({amount}): it cannot be told whether the former app has done this already. "
        "Holdfast has not done it.",
    ),
    **authorizations.HAPPENED,
    **failure_files.HAPPENED,
}

TO_DO = {
    "payment_pending": Text(
        "Zunächst nichts: Holdfast sieht wieder nach. Prüfen Sie, warum der Shop Bestellungen vor dem Abschluss der "
        "Zahlung übergibt.",
        "Nothing for now: Holdfast will look again. Find out why the shop hands over orders before their payment is "
        "finished.",
    ),
    "payment_unreadable": Text(
        "Nichts: Holdfast fragt weiter nach. Hält die Störung an, prüfen Sie die Meldungen des Anbieters.",
        "Nothing: Holdfast keeps asking. If the disturbance lasts, look at the provider's notices.",
    ),
    "waiting_for_transfer": Text(
        "Nichts: mit dem Geldeingang wird die Sperre entfernt.",
        "Nothing: the lock is removed when the money arrives.",
    ),
    "transfer_too_little": Text(
        "Bitten Sie den Kunden um den Rest, oder heben Sie die Sperre im ERP selbst auf.",
        "Ask the customer for the rest, or remove the lock in the ERP yourself.",
    ),
    "transfer_too_much": Text(
        "Erstatten Sie dem Kunden den Überschuss beim Zahlungsanbieter.",
        "Refund the surplus to the customer at the payment provider.",
    ),
    "transfer_overdue": Text(
        "Erinnern Sie den Kunden oder stornieren Sie die Bestellung im ERP. Holdfast storniert nie von selbst.",
        "Remind the customer, or cancel the order in the ERP. Holdfast never cancels by itself.",
    ),
    "shipped_unpaid": Text(
        "Gleichen Sie die Rechnung von Hand aus, sobald das Geld da ist.",
        "Clear the invoice by hand once the money has arrived.",
    ),
    "hold_aging": Text(
        "Versenden Sie bald oder klären Sie mit dem Anbieter, wie lange die Autorisierung noch gilt.",
        "Ship soon, or ask the provider how long the authorization will stay valid.",
    ),
    "settlement_late": Text(
        "Sehen Sie auf der Seite der Bestellung nach, worauf sie wartet.",
        "See on the order's page what it is waiting for.",
    ),
    "cancel_wished": Text(
        "Stornieren Sie die Positionen im ERP, oder markieren Sie den Hinweis als gelöst.",
        "Cancel the lines in the ERP, or mark the notice as solved.",
    ),
    "workflow_cancelled": Text(
        "Nichts, wenn es ein Versehen war. Eine Bestellung endet nur dadurch, dass sie ausgeglichen ist.",
        "Nothing if it was a mistake. An order ends only by being settled.",
    ),
    "give_back_late": Text(
        "Noch nichts. Wir fragen weiter nach und melden, wenn es scheitert.",
        "Nothing yet. We keep asking and report if it fails.",
    ),
    "payment_id_missing": Text(
        "Tragen Sie die Zahlungs-ID im ERP nach und lassen Sie erneut prüfen, oder entfernen Sie die Versandsperre "
        "von Hand.",
        "Add the payment ID in the ERP and have the order looked at again, or remove the shipping lock by hand.",
    ),
    "payment_unknown": Text(
        "Vergleichen Sie die Zahlungs-ID mit dem Shop und prüfen Sie, ob das richtige Händlerkonto hinterlegt ist.",
        "Compare the payment ID with the shop, and check that the right merchant account is configured.",
    ),
    "payment_declined": Text(
        "Bitten Sie den Kunden um eine andere Zahlung oder stornieren Sie die Bestellung im ERP.",
        "Ask the customer to pay another way, or cancel the order in the ERP.",
    ),
    "amount_differs": Text(
        "Vergleichen Sie Bestellung und Zahlung. Stimmt der Betrag danach, lassen Sie erneut prüfen.",
        "Compare order and payment. Once the amount is right, have the order looked at again.",
    ),
    "currency_differs": Text(
        "Prüfen Sie, ob die Zahlung zu dieser Bestellung gehört, und berichtigen Sie die Zahlungs-ID im ERP.",
        "Check that the payment belongs to this order, and correct the payment ID in the ERP.",
    ),
    "payment_tag_differs": Text(
        "Gleichen Sie die Einstellung der Zahlungsart mit dem Export des Shops ab und lassen Sie erneut prüfen.",
        "Bring the configured payment tag in line with the shop's export, and have the order looked at again.",
    ),
    "payment_voided": Text(
        "Versenden Sie nicht. Lassen Sie den Kunden neu bezahlen oder stornieren Sie die Bestellung im ERP.",
        "Do not ship. Let the customer pay anew, or cancel the order in the ERP.",
    ),
    "payment_given_back": Text(
        "Lassen Sie den Kunden neu bezahlen und tragen Sie die neue Zahlungs-ID ein, oder stornieren Sie wieder.",
        "Let the customer pay anew and enter the new payment ID, or cancel the order again.",
    ),
    "bank_data_missing": Text(
        "Tragen Sie Empfänger, IBAN, BIC und Verwendungszweck aus der Zahlung von Hand in die Bestellung ein.",
        "Enter recipient, IBAN, BIC and payment reference of the payment into the order by hand.",
    ),
    "unsupported_method": Text(
        "Bearbeiten Sie Zahlung und Ausgleich dieser Bestellung von Hand und entfernen Sie die Versandsperre.",
        "Handle payment and clearing of this order by hand, and remove the shipping lock.",
    ),
    "pay_back_by_transfer": Text(
        "Überweisen Sie dem Kunden den Betrag und gleichen Sie das Kundenkonto von Hand aus.",
        "Transfer the amount to the customer, and clear the customer account by hand.",
    ),
    "invoices_exceed_order": Text(
        "Prüfen Sie die Rechnungen. Fordern Sie den Mehrbetrag gesondert an und gleichen Sie die Rechnung von Hand "
        "aus.",
        "Check the invoices. Ask for the excess separately and clear the invoice by hand.",
    ),
    "capture_failed": Text(
        "Klären Sie die Ablehnung mit dem Anbieter oder dem Kunden und lassen Sie die Bestellung erneut prüfen.",
        "Clear up the refusal with the provider or the customer, and have the order looked at again.",
    ),
    "shipment_failed": Text(
        "Klären Sie mit dem Anbieter, ob die Zahlung noch gilt. Fordern Sie den Betrag sonst vom Kunden an.",
        "Clear up with the provider whether the payment is still valid. Otherwise ask the customer for the amount.",
    ),
    "capture_unverified": Text(
        "Prüfen Sie die Zahlung beim Anbieter, ziehen Sie den Betrag dort ein oder fordern Sie ihn vom Kunden an.",
        "Check the payment at the provider, and capture the amount there or ask the customer for it.",
    ),
    "authorization_expired": Text(
        "Fordern Sie den Betrag auf anderem Weg an. Noch nicht versandte Ware sollten Sie zurückhalten.",
        "Ask for the amount another way. Hold back goods that have not been shipped.",
    ),
    "booking_failed": Text(
        "Sehen Sie im Kundenkonto nach und setzen Sie dort das Buchungsevent von Hand.",
        "Look at the customer account and set the booking event there by hand.",
    ),
    "erp_refused": Text(
        "Sehen Sie sich die Bestellung im ERP an, führen Sie den Schritt von Hand aus oder lassen Sie erneut prüfen.",
        "Look at the order in the ERP, carry out the step by hand, or have the order looked at again.",
    ),
    "outcome_unknown": Text(
        "Sehen Sie beim Zahlungsanbieter und im ERP nach, bevor Sie etwas wiederholen.",
        "Look at the payment provider and in the ERP before you repeat anything.",
    ),
    "misconfigured": Text(
        "Prüfen Sie Zugangsdaten und Einstellungen und lassen Sie die Bestellung danach erneut prüfen.",
        "Check credentials and settings, then have the order looked at again.",
    ),
    "cancellation_by_hand": Text(
        "Erstatten Sie Eingezogenes und geben Sie Reserviertes beim Zahlungsanbieter frei.",
        "Refund what was captured and release what is held at the payment provider.",
    ),
    "credit_note_by_hand": Text(
        "Erstatten Sie den Betrag beim Zahlungsanbieter und gleichen Sie die Gutschrift im ERP aus.",
        "Refund the amount at the payment provider, and clear the credit note in the ERP.",
    ),
    "cancellation_failed": Text(
        "Sehen Sie beim Zahlungsanbieter nach und geben Sie dort von Hand frei oder erstatten Sie.",
        "Look at the payment provider, and release or refund there by hand.",
    ),
    "refund_failed": Text(
        "Klären Sie den Grund und lassen Sie erneut prüfen, oder erstatten Sie von Hand und gleichen Sie im ERP aus.",
        "Clear up the reason and have the order looked at again, or refund by hand and clear it in the ERP.",
    ),
    "credit_note_settled": Text(
        "Prüfen Sie, ob der Kunde sein Geld schon hat. Falls nicht, erstatten Sie es beim Zahlungsanbieter.",
        "Check whether the customer has got the money. If not, refund it at the payment provider.",
    ),
    "refund_exceeds": Text(
        "Vergleichen Sie die Gutschriften mit der Zahlung und erstatten Sie den richtigen Betrag von Hand.",
        "Compare the credit notes with the payment, and refund the right amount by hand.",
    ),
    "refund_incomplete": Text(
        "Erstatten Sie den fehlenden Teil beim Zahlungsanbieter und gleichen Sie das Kundenkonto von Hand aus.",
        "Refund the missing part at the payment provider, and clear the customer account by hand.",
    ),
    "refunded_by_hand": Text(
        "War dies die Erstattung, gleichen Sie die Gutschrift im ERP von Hand aus oder markieren Sie das Problem als "
        "gelöst. Fehlt nur ein Teil, erstatten Sie ihn von Hand. Ist der ganze Betrag noch zu erstatten, lassen Sie "
        "die Bestellung erneut prüfen.",
        "If that was this refund, clear the credit note in the ERP by hand, or mark the problem as solved. If only a "
        "part is missing, refund it by hand. If the whole amount is still to be refunded, let the order look again.",
    ),
    "credit_notes_exceed_return": Text(
        "Prüfen Sie, ob die Gutschrift doppelt ist. Ist sie berechtigt, erstatten und gleichen Sie von Hand aus.",
        "Check whether the credit note is a duplicate. If it is rightful, refund and clear it by hand.",
    ),
    "invoice_by_hand": Text(
        "Fordern Sie den Betrag gesondert an und gleichen Sie diese Rechnung im ERP aus.",
        "Ask for the amount separately, and clear this invoice in the ERP.",
    ),
    "chargeback": Text(
        "Halten Sie ausstehende Ware zurück und antworten Sie auf die Anfechtung beim Zahlungsanbieter.",
        "Hold back outstanding goods, and answer the dispute at the payment provider.",
    ),
    "taken_over_unclear": Text(
        "Vergleichen Sie ERP und Zahlungsanbieter. Ist es schon geschehen, markieren Sie das Problem als gelöst; sonst "
        "lassen Sie die Bestellung noch einmal ansehen, dann holt Holdfast es nach.",
        "Compare the ERP and the payment provider. If it was done already, mark the problem solved; otherwise have the "
        "order looked at again, and Holdfast will do it.",
    ),
    **authorizations.TO_DO,
    **failure_files.TO_DO,
}
