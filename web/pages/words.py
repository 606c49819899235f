"""Labels of the pages in German and English. Sentences about orders come from `domain.wording`."""

from domain.tenant_config import Language

_WORDS = {
    "orders": ("Bestellungen", "Orders"),
    "order": ("Bestellung", "Order"),
    "back": ("Alle Bestellungen", "All orders"),
    "api": ("API-Beschreibung", "API description"),
    "filter": ("Filtern", "Filter"),
    "reset": ("Alle zeigen", "Show all"),
    "search": ("Suche (Bestellnummer, Zahlung)", "Search (order number, payment)"),
    "status": ("Status", "Status"),
    "any": ("alle", "any"),
    "family": ("Zahlungsweise", "Payment family"),
    "method": ("Zahlungsart", "Payment method"),
    "tenant": ("Mandant", "Tenant"),
    "connection": ("ERP-Anbindung", "ERP connection"),
    "problem": ("Problem", "Problem"),
    "problems": ("Probleme", "Problems"),
    "needs_human": ("braucht jemanden", "needs someone"),
    "only_problems": ("nur Bestellungen, die jemanden brauchen", "only orders that need someone"),
    "amount": ("Betrag", "Amount"),
    "captured": ("eingezogen", "captured"),
    "booked": ("gebucht", "booked"),
    "refunded": ("erstattet", "refunded"),
    "credit_notes": ("Gutschriften", "Credit notes"),
    "credit_note": ("Gutschrift", "Credit note"),
    "refund": ("Erstattung", "Refund"),
    "by_hand": ("von Hand angelegt", "made by hand"),
    "changed": ("Geändert", "Changed"),
    "next_due": ("Nächster Blick", "Next look"),
    "payment": ("Zahlung", "Payment"),
    "shop_order_no": ("Bestellnummer im Shop", "Shop order number"),
    "more": ("Weitere", "More"),
    "none_found": ("Keine Bestellung gefunden.", "No order found."),
    "waits_for": ("Worauf sie wartet", "What it waits for"),
    "not_released": ("Warum nicht freigegeben", "Why not released"),
    "not_captured": ("Warum nicht eingezogen", "Why not captured"),
    "invoices": ("Rechnungen", "Invoices"),
    "no_invoices": ("Noch keine Rechnung.", "No invoice yet."),
    "invoice": ("Rechnung", "Invoice"),
    "capture": ("Einzug", "Capture"),
    "booking": ("Buchung", "Booking"),
    "reference": ("Nachweis", "Reference"),
    "shipped": ("versandt", "shipped"),
    "timeline": ("Verlauf", "Timeline"),
    "attempt": ("Versuch", "attempt"),
    "what_to_do": ("Was zu tun ist", "What to do"),
    "solved": ("gelöst", "solved"),
    "no_problems": ("Keine Probleme.", "No problems."),
    "in_temporal": ("Ablauf in Temporal ansehen", "See the workflow in Temporal"),
    "clock": ("Simulierte Uhr", "Simulated clock"),
    "clock_ahead": ("voraus", "ahead"),
    "stored_only": (
        "Temporal antwortet nicht. Gezeigt wird der gespeicherte Stand.",
        "Temporal does not answer. What you see is the stored state.",
    ),
    "error": ("Fehler", "Error"),
    "notice": ("Hinweis", "Notice"),
    "ok": ("in Ordnung", "in order"),
    "not_found": ("Diese Bestellung gibt es nicht.", "There is no such order."),
    "latest_only": ("Gezeigt werden die neuesten Einträge.", "The latest entries are shown."),
    "other_language": ("English", "Deutsch"),
    # status of an order
    "received": ("erhalten", "received"),
    "waiting_payment": ("wartet auf Zahlung", "waiting for payment"),
    "waiting_transfer": ("wartet auf Überweisung", "waiting for transfer"),
    "blocked": ("gesperrt", "blocked"),
    "released": ("freigegeben", "released"),
    "shipping": ("im Versand", "shipping"),
    "settled": ("ausgeglichen", "settled"),
    "cancelled": ("storniert", "cancelled"),
    # outcome of an operation
    "succeeded": ("ausgeführt", "succeeded"),
    "pending": ("angenommen, noch nicht ausgeführt", "pending"),
    "declined": ("abgelehnt", "declined"),
    "not_sent": ("nicht gesendet", "not sent"),
    "unknown": ("unklar", "unknown"),
    "in_progress": ("läuft", "in progress"),
    # facts
    "ErpReported": ("Das ERP meldet einen neuen Stand", "The ERP reports a new state"),
    "PaymentRead": ("Zahlung beim Anbieter gelesen", "Payment read at the provider"),
    "PaymentUnreadable": ("Zahlung nicht abrufbar", "Payment could not be read"),
    "PaymentHinted": ("Hinweis: Bei der Zahlung ist etwas geschehen", "Hint: something happened to the payment"),
    "OperationEnded": ("Vorgang beendet", "Operation ended"),
    "Told": ("Nachricht", "Message"),
    "CancelRequested": ("Abbruch in Temporal verlangt", "Stop requested in Temporal"),
    "CheckPassed": ("Zahlung geprüft: in Ordnung", "Payment checked: in order"),
    "CheckFailed": ("Zahlung geprüft: nicht in Ordnung", "Payment checked: not in order"),
    "TakenOver": ("Von einer anderen App übernommen", "Taken over from another app"),
    "RulesAdopted": ("Lebt nach der neuen Fassung der Regeln", "Lives by the new version of the rules"),
    "ShippedUnpaid": ("Ohne Zahlungseingang versandt", "Shipped before payment arrived"),
    "ProblemRaised": ("Problem", "Problem"),
    "ProblemGone": ("Problem hat sich erledigt", "Problem is gone"),
    # the order in the ERP and the payment at the provider
    "held": ("angehalten", "on hold"),
    "open": ("offen", "open"),
    "closed": ("abgeschlossen", "closed"),
    "locked": ("Versandsperre", "shipping lock"),
    "accepted": ("angenommen", "accepted"),
    "missing": ("unbekannt", "not known"),
    "voided": ("aufgehoben", "voided"),
    # wishes
    "look_again": ("noch einmal ansehen", "look again"),
    "payment_received": ("Zahlung eingegangen", "payment received"),
    "cancel": ("Stornierung gewünscht", "cancellation wished"),
    "mark_solved": ("Problem gelöst", "problem solved"),
}


_METHODS = {
    "card": ("Karte", "Card"),
    "card_hold": ("Karte (Reservierung wird erneuert)", "Card (renewed hold)"),
    "paypal": ("PayPal", "PayPal"),
    "apple_pay": ("Apple Pay", "Apple Pay"),
    "prepayment": ("Vorkasse", "Prepayment"),
    "invoice": ("Rechnungskauf (alt)", "Invoice (old)"),
    "invoice_secured": ("Gesicherter Rechnungskauf (alt)", "Invoice Secured (old)"),
    "paylater_invoice": ("Kauf auf Rechnung", "Paylater invoice"),
    "invoice_paylater": ("Kauf auf Rechnung", "Paylater invoice"),
    "installment_paylater": ("Ratenkauf", "Paylater installment"),
    "direct_debit_paylater": ("Lastschrift (Paylater)", "Paylater direct debit"),
    "direct_debit_secured": ("Gesicherte Lastschrift (alt)", "Direct Debit Secured (old)"),
    "sofort": ("SOFORT", "SOFORT"),
    "eps": ("EPS", "EPS"),
    "ideal": ("iDEAL", "iDEAL"),
    "alipay": ("Alipay", "Alipay"),
    "przelewy24": ("Przelewy24", "Przelewy24"),
    "giropay": ("Giropay", "Giropay"),
}


class Words:
    """Labels in one language; a code without a label stands for itself."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._column = 0 if language is Language.GERMAN else 1

    def __getitem__(self, code: str) -> str:
        texts = _WORDS.get(code)
        return texts[self._column] if texts else code

    def method(self, key: str) -> str:
        """The name of a payment method; one without a name stands for itself."""
        texts = _METHODS.get(key)
        return texts[self._column] if texts else key
