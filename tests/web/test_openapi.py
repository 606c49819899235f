"""Requests made up from the description of the API: no answer is a failure of ours, each one is described."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans, one_of
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.web.setting_up import set_up
from tests.web.world import CALLBACK_TOKEN, World

CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)
SETUP_PATHS = (
    "/setup/tenants",
    "/setup/tenants/{tenant_id}",
    "/setup/connections",
    "/setup/connections/{name}",
    "/setup/connections/{name}/verify",
    "/setup/connections/{name}/activate",
    "/setup/connections/{name}/deactivate",
    "/setup/connections/{name}/offer",
    "/setup/check",
    "/setup/configurations",
    "/setup/configurations/{configuration_id}",
    "/setup/configurations/{configuration_id}/copy",
    "/setup/configurations/{configuration_id}/history",
    "/setup/configurations/{configuration_id}/activate",
    "/setup/configurations/{configuration_id}/deactivate",
    "/setup/mail",
    "/setup/mail/test",
    "/setup/file-drop",
    "/setup/file-drop/test",
    "/setup/provider-accounts",
    "/setup/provider-accounts/{account}",
    "/setup/provider-accounts/{account}/verify",
    "/setup/authorization-terms/{account}",
    "/setup/authorization-terms/{account}/history",
)
PATHS = (
    *SETUP_PATHS,
    "/health",
    "/ready",
    "/orders",
    "/orders/{connection}/{order_no}",
    "/orders/{connection}/{order_no}/journal",
    "/orders/{connection}/{order_no}/payment-received",
    "/orders/{connection}/{order_no}/look-again",
    "/orders/{connection}/{order_no}/cancel-wish",
    "/orders/{connection}/{order_no}/mark-solved",
    "/operations/{operation_id}",
    "/authorizations",
    "/authorizations/{account}/{reference}",
    "/authorizations/{account}/{reference}/journal",
    "/authorizations/{account}/{reference}/capture",
    "/authorizations/{account}/{reference}/void",
    "/authorizations/{account}/{reference}/reverse",
    "/authorizations/{account}/{reference}/refund",
    "/authorizations/{account}/{reference}/stop-renewal",
    "/authorizations/{account}/{reference}/look-again",
    "/authorizations/{account}/{reference}/mark-solved",
    "/forecast",
    "/failure-files",
    "/failure-files/{file_name}",
    "/batches",
    "/batches/{batch_id}",
    "/batches/{batch_id}/result",
    "/callbacks/v1.0/unzer/{tenant}/{token}",
)

# so that some requests get as far as they can
KNOWN = {"connection": "pixi", "order_no": "4711", "tenant": "acme", "token": CALLBACK_TOKEN}
KNOWN |= {"account": "cards", "reference": "pi_1"}
KNOWN |= {"tenant_id": "acme", "name": "pixi", "configuration_id": "acme.pixi.DEM.K"}


def test_every_described_path_is_tried(world: World) -> None:
    """A new path is added to the list above."""
    assert sorted(world.app.openapi()["paths"]) == sorted(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_no_request_fails_us(world: World, path: str) -> None:
    """Whatever is sent, with a token or without, the answer is one that the description names."""
    world.add_order("4711")
    world.add_hold_account()
    world.add_authorization("pi_1")
    if path in SETUP_PATHS:
        set_up(world)
    token = world.token(tenant=None if "tenants" in path else "acme")
    described = schemathesis.openapi.from_asgi("/openapi.json", world.app)
    operations = [described[path][method].as_strategy() for method in described.raw_schema["paths"][path]]

    @given(case=one_of(operations), with_token=booleans(), known=booleans())
    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def tried(case: Any, with_token: bool, known: bool) -> None:
        if known:
            case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters if name in KNOWN})
        answer = case.call(headers=token if with_token else {})
        case.validate_response(answer, checks=CHECKS)

    tried()
