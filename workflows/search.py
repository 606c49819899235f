"""Search attributes by which operators find workflows in the Temporal UI. Nothing personal stands in them."""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

TENANT = SearchAttributeKey.for_keyword("Tenant")
ORDER_NO = SearchAttributeKey.for_keyword("OrderNo")
FAMILY = SearchAttributeKey.for_keyword("Family")
STATE = SearchAttributeKey.for_keyword("State")
PROBLEM = SearchAttributeKey.for_keyword("Problem")
PROVIDER = SearchAttributeKey.for_keyword("Provider")
NEXT_DUE = SearchAttributeKey.for_datetime("NextDue")
NEEDS_HUMAN = SearchAttributeKey.for_bool("NeedsHuman")


def of_new_order(tenant: str, order_no: str, provider: str) -> TypedSearchAttributes:
    """What is known when an order starts."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(TENANT, tenant),
            SearchAttributePair(ORDER_NO, order_no),
            SearchAttributePair(PROVIDER, provider),
            SearchAttributePair(STATE, "received"),
            SearchAttributePair(NEEDS_HUMAN, False),
        ]
    )


def shown(attributes: TypedSearchAttributes) -> tuple[str, str]:
    """State and problem as operators see them now; a run that continues another finds what that one showed."""
    return attributes.get(STATE, ""), attributes.get(PROBLEM, "")


def of_new_authorization(tenant: str, case_reference: str, provider: str) -> TypedSearchAttributes:
    """What is known when an authorization starts; it is found by the merchant's name for the payment."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(TENANT, tenant),
        SearchAttributePair(PROVIDER, provider),
        SearchAttributePair(STATE, "waiting"),
        SearchAttributePair(NEEDS_HUMAN, False),
    ]
    if case_reference:
        pairs.append(SearchAttributePair(ORDER_NO, case_reference))
    return TypedSearchAttributes(pairs)


def of_poller(tenant: str) -> TypedSearchAttributes:
    """What is known of a poller."""
    return TypedSearchAttributes([SearchAttributePair(TENANT, tenant)])


def of_failure_report(tenant: str) -> TypedSearchAttributes:
    """What is known of a report of failures."""
    return TypedSearchAttributes([SearchAttributePair(TENANT, tenant)])


def of_terms_change(tenant: str) -> TypedSearchAttributes:
    """What is known of a change of terms."""
    return TypedSearchAttributes([SearchAttributePair(TENANT, tenant)])
