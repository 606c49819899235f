"""Workflow ids: built and parsed here only. Each part is percent-encoded, so parts may contain anything."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

_ORDER = "order"
_AUTHORIZATION = "authorization"
_ERP_POLL = "erp-poll"
_FAILURE_REPORT = "failure-report"
_TERMS_CHANGE = "terms-change"


@dataclass(frozen=True)
class OrderId:
    """The business identity of an order."""

    tenant: str
    connection: str
    order_no: str


@dataclass(frozen=True)
class AuthorizationId:
    """The business identity of an authorization."""

    tenant: str
    account: str
    reference: str


def order_workflow_id(tenant: str, connection: str, order_no: str) -> str:
    """`order/{tenant}/{connection}/{order number}`."""
    return _join(_ORDER, tenant, connection, order_no)


def authorization_workflow_id(tenant: str, account: str, reference: str) -> str:
    """`authorization/{tenant}/{provider account}/{reference}`; the reference is the first hold's id."""
    return _join(_AUTHORIZATION, tenant, account, reference)


def parse_authorization_workflow_id(workflow_id: str) -> AuthorizationId:
    """The parts of an authorization's workflow id; ValueError when it is none."""
    kind, *parts = workflow_id.split("/")
    if kind != _AUTHORIZATION or len(parts) != 3:
        raise ValueError(f"not the workflow id of an authorization: {workflow_id!r}")
    return AuthorizationId(*(unquote(part) for part in parts))


def is_authorization(workflow_id: str) -> bool:
    """Whether this is the workflow id of an authorization."""
    return workflow_id.startswith(f"{_AUTHORIZATION}/")


def erp_poll_workflow_id(tenant: str, connection: str) -> str:
    """`erp-poll/{tenant}/{connection}`."""
    return _join(_ERP_POLL, tenant, connection)


def failure_report_workflow_id(tenant: str) -> str:
    """`failure-report/{tenant}`."""
    return _join(_FAILURE_REPORT, tenant)


def terms_change_workflow_id(tenant: str, account: str) -> str:
    """`terms-change/{tenant}/{provider account}`."""
    return _join(_TERMS_CHANGE, tenant, account)


def authorizations_of(tenant: str) -> str:
    """What the workflow ids of a tenant's authorizations begin with."""
    return f"{_join(_AUTHORIZATION, tenant)}/"


def parse_order_workflow_id(workflow_id: str) -> OrderId:
    """The parts of an order's workflow id; ValueError when it is none."""
    kind, *parts = workflow_id.split("/")
    if kind != _ORDER or len(parts) != 3:
        raise ValueError(f"not the workflow id of an order: {workflow_id!r}")
    return OrderId(*(unquote(part) for part in parts))


def _join(*parts: str) -> str:
    if not all(parts):
        raise ValueError("no part of a workflow id may be empty")
    return "/".join(quote(part, safe="") for part in parts)
