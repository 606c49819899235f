"""Refusals: the known codes with status and texts, and the body that carries them."""

from typing import Any

UNKNOWN_STATUS = 400

# code: (HTTP status, text for the merchant, text for the customer in English and German)
_GENERAL = ("Please contact the merchant.", "Bitte wenden Sie sich an den Händler.")
_PAYMENT = ("The payment could not be processed.", "Die Zahlung konnte nicht verarbeitet werden.")
CODES: dict[str, tuple[int, str, tuple[str, str]]] = {
    "API.000.000.001": (401, "No key was sent with the request", _GENERAL),
    "API.000.000.999": (500, "General error", _GENERAL),
    "API.310.100.003": (404, "Payment not found", _GENERAL),
    "API.320.000.002": (401, "The key is not valid", _GENERAL),
    "API.320.000.004": (405, "Authorize is not allowed for this payment type", _PAYMENT),
    "API.320.100.008": (400, "Customer id is missing", _PAYMENT),
    "API.320.100.203": (400, "Return url is missing", _PAYMENT),
    "API.320.200.138": (400, "Order id is already in use", _PAYMENT),
    "API.320.200.143": (400, "Type id is missing", _PAYMENT),
    "API.320.200.145": (403, "The resource belongs to another merchant", _GENERAL),
    "API.330.000.004": (400, "Charge is not allowed for this payment type or state", _PAYMENT),
    "API.330.100.007": (400, "The amount is higher than what can still be charged", _PAYMENT),
    "API.330.100.008": (400, "Customer is missing for a secured payment type", _PAYMENT),
    "API.330.100.023": (400, "Basket is missing for a secured payment type", _PAYMENT),
    "API.330.100.106": (400, "Billing and shipping address differ", _PAYMENT),
    "API.330.100.202": (400, "The currency is not supported", _PAYMENT),
    "API.340.000.004": (400, "Cancel is not allowed for this payment type or state", _PAYMENT),
    "API.340.100.014": (400, "The transaction is already cancelled", _PAYMENT),
    "API.340.100.015": (400, "The transaction is already charged back", _PAYMENT),
    "API.340.100.017": (400, "The amount is higher than what can still be cancelled", _PAYMENT),
    "API.340.100.018": (400, "The transaction is already charged", _PAYMENT),
    "API.340.100.024": (400, "Reason code is missing", _PAYMENT),
    "API.340.200.130": (400, "Amount is missing", _PAYMENT),
    "API.360.000.004": (405, "Shipment is not allowed for this payment type", _GENERAL),
    "API.360.100.025": (400, "Invoice id is missing", _GENERAL),
    "API.410.100.100": (404, "Customer not found", _GENERAL),
    "API.410.200.010": (400, "Customer id is already in use", _GENERAL),
    "API.500.000.405": (405, "The method is not supported here", _GENERAL),
    "API.500.100.001": (404, "Payment type not found", _GENERAL),
    "API.500.300.404": (404, "Resource not found", _GENERAL),
    "API.500.300.413": (413, "The request body is too large", _GENERAL),
    "API.500.300.415": (415, "The media type is not supported", _GENERAL),
    "API.500.300.999": (400, "The request data is not valid", _GENERAL),
    "API.510.310.008": (404, "Webhook not found", _GENERAL),
    "API.510.310.009": (400, "The webhook is already registered", _GENERAL),
    "API.600.410.024": (404, "Basket not found in this version", _GENERAL),
    "API.710.000.002": (401, "The key is unknown", _GENERAL),
    "API.710.000.003": (405, "The payment type is not configured for this merchant", _GENERAL),
    "API.710.000.007": (403, "A private key is needed", _GENERAL),
    "COR.700.300.400": (400, "referenced transaction is too old to capture", _PAYMENT),
    "COR.700.300.700": (400, "reversal is no longer possible", _PAYMENT),
    "COR.700.400.800": (400, "insurance is already activated", _GENERAL),
    "SDM.LIMIT_EXCEEDED": (400, "risk check: limit exceeded", _PAYMENT),
}


class ApiError(Exception):
    """A refusal of the API; the status follows from the code unless one is given."""

    def __init__(self, code: str, merchant: str = "", *, status: int | None = None) -> None:
        known_status, known_text, self.customer = CODES.get(code, (UNKNOWN_STATUS, "The request was refused", _PAYMENT))
        self.code = code
        self.status = known_status if status is None else status
        self.merchant = merchant or known_text
        super().__init__(f"{code}: {self.merchant}")


def texts(code: str, language: str) -> tuple[str, str]:
    """Texts for merchant and customer; `language` is an `Accept-Language` value, English unless it asks for German."""
    _, merchant, customer = CODES.get(code, (UNKNOWN_STATUS, "The request was refused", _PAYMENT))
    return merchant, customer[1 if language.lower().startswith("de") else 0]


def error_body(
    error: ApiError, *, error_id: str, trace_id: str, url: str, timestamp: str, language: str, public: bool
) -> dict[str, Any]:
    """The body of a refusal; callers with a public key do not get the merchant's text."""
    entry = {"code": error.code, "customerMessage": error.customer[1 if language.lower().startswith("de") else 0]}
    if not public:
        entry["merchantMessage"] = error.merchant
    return {
        "id": error_id,
        "isSuccess": False,
        "isPending": False,
        "isResumed": False,
        "isError": True,
        "url": url,
        "timestamp": timestamp,
        "traceId": trace_id,
        "errors": [entry],
    }
