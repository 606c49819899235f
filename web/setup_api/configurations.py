"""Configurations: one per connection, shop and payment type, versioned, copied, switched off, never deleted."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from administration.configurations import ConfigurationView as Found
from administration.configurations import Saved
from administration.fields import Changes, Fields
from administration.places import Place
from domain.parties import ConfigurationVersion
from domain.tenant_config import AppMode
from web.edge.bodies import BODY_ANSWERS, described
from web.edge.paths import joined
from web.services import ServicesDep
from web.setup_api.common import (
    CONFLICT,
    EDITED,
    Administrator,
    HintView,
    IfMatch,
    body_as,
    expected_version,
    hints_of,
    later,
    secret,
    tagged,
    version_missing,
)
from web.shop_api.access import Caller

_LATER = later("The ERP or the payment provider")
router = APIRouter(tags=["Setup: configurations"])

Id = Annotated[str, Path(max_length=500, description="Id of the configuration, percent-encoded.")]
Text = Annotated[str, Field(max_length=200)]


class EnteredFields(BaseModel):
    """The fields of a configuration; what is left out stays as it is. Amounts in minor units (cents).

    `invoice_event` and `return_event` are the ERP's codes of one to three characters, the first positive, the second
    negative. Without `private_key` the one that is kept for `public_key` is used. `provider_url` is needed only where
    the keys are used at an unusual address. In place of keys, `account` names an account that was set up by itself at a
    provider whose holds are renewed.
    """

    model_config = ConfigDict(extra="forbid")

    active: Annotated[bool, Field(strict=True)] | None = None
    invoice_event: Text | None = None
    return_event: Text | None = None
    xml_tag: Text | None = None
    tolerance_minor: (
        Annotated[int, Field(strict=True, description="Largest rounding difference, 0 for none.")] | None
    ) = None
    public_key: Text | None = None
    private_key: Annotated[SecretStr, Field(max_length=200)] | None = None
    mode: Literal["standard", "expert"] | None = None
    provider_url: Annotated[str, Field(max_length=500)] | None = None
    account: Text | None = None

    def changes(self) -> Changes:
        return Changes(
            active=self.active,
            invoice_event=self.invoice_event,
            return_event=self.return_event,
            xml_tag=self.xml_tag,
            tolerance_minor=self.tolerance_minor,
            public_key=self.public_key,
            private_key=secret(self.private_key),
            mode=AppMode(self.mode) if self.mode is not None else None,
            provider_url=self.provider_url,
            account=self.account,
        )


class NewConfiguration(EnteredFields):
    """With `copied_from` (the id of a configuration) what is left out is taken from that one."""

    connection: Text
    shop_id: Text
    payment_code: Text
    copied_from: Annotated[str, Field(max_length=500)] = ""


class ConfigurationFields(BaseModel):
    """The fields as they are saved. The private key is kept and never shown."""

    active: bool
    invoice_event: str
    return_event: str
    xml_tag: str
    tolerance_minor: int
    public_key: str
    mode: Literal["standard", "expert"]
    provider_url: str
    account: str


class ConfigurationView(ConfigurationFields):
    """A configuration. `in_force`: it decides on new orders; not so while its connection is switched off."""

    id: str
    version: int
    tenant: str
    connection: str
    shop_id: str
    payment_code: str
    provider_account: str
    in_force: bool
    links: dict[str, str]


class SavedConfiguration(ConfigurationView):
    """`changed` is false when it stood there like that already."""

    changed: bool
    hints: list[HintView]


class ConfigurationList(BaseModel):
    configurations: list[ConfigurationView]


class DraftConfiguration(ConfigurationFields):
    """A copy that is not saved. To save it, post it to /setup/configurations with `copied_from`."""

    copied_from: str
    connection: str
    shop_id: str
    payment_code: str
    hints: list[HintView]


class Version(BaseModel):
    """One version, when (UTC) and by whom it was made."""

    version: int
    created_at: datetime
    created_by: str
    invoice_event: str
    return_event: str
    xml_tag: str
    tolerance_minor: int
    mode: Literal["standard", "expert"]
    provider_account: str


class History(BaseModel):
    versions: list[Version]


@router.get("/setup/configurations", summary="List configurations", responses=CONFLICT)
def list_configurations(services: ServicesDep, caller: Administrator) -> ConfigurationList:
    """Those that are switched off too."""
    found = services.administration.configurations.all(caller.one_tenant())
    return ConfigurationList(configurations=[ConfigurationView(**_fields_of(one, caller)) for one in found])


@router.post(
    "/setup/configurations",
    summary="Add a configuration",
    status_code=201,
    responses={200: {"model": SavedConfiguration, "description": "It stood there like that already."}}
    | CONFLICT
    | BODY_ANSWERS
    | _LATER,
    openapi_extra=described(NewConfiguration),
)
def add_configuration(
    services: ServicesDep,
    caller: Administrator,
    wanted: Annotated[NewConfiguration, body_as(NewConfiguration)],
    response: Response,
) -> SavedConfiguration:
    """Connection and mail account come first. Shop and payment type are looked up in the ERP, and the provider is asked
    whether the keys belong together; what does not pass is not saved."""
    place = Place(wanted.connection, wanted.shop_id, wanted.payment_code)
    saved = services.administration.configurations.create(
        caller.one_tenant(), place, wanted.changes(), by=caller.name, copied_from=wanted.copied_from
    )
    if not saved.changed:
        response.status_code = 200
    return _told(saved, caller, response)


@router.get("/setup/configurations/{configuration_id:part}", summary="Read a configuration", responses=CONFLICT)
def read_configuration(
    services: ServicesDep, caller: Administrator, configuration_id: Id, response: Response
) -> ConfigurationView:
    """As it is now."""
    found = services.administration.configurations.get(caller.one_tenant(), configuration_id)
    tagged(response, found.configuration.config.version)
    return ConfigurationView(**_fields_of(found, caller))


@router.patch(
    "/setup/configurations/{configuration_id:part}",
    summary="Change fields of a configuration",
    responses=EDITED | BODY_ANSWERS | _LATER,
    openapi_extra=described(EnteredFields),
)
def edit_configuration(
    services: ServicesDep,
    caller: Administrator,
    configuration_id: Id,
    entered: Annotated[EnteredFields, body_as(EnteredFields)],
    response: Response,
    if_match: IfMatch = None,
) -> SavedConfiguration:
    """Makes a new version. Orders under way keep the one they began with; a hint says how many."""
    if if_match is None:
        raise version_missing()
    expected = expected_version(if_match, without=None)
    saved = services.administration.configurations.edit(
        caller.one_tenant(), configuration_id, entered.changes(), by=caller.name, expected=expected
    )
    return _told(saved, caller, response)


@router.get(
    "/setup/configurations/{configuration_id:part}/copy",
    summary="What a copy would hold",
    responses=CONFLICT | _LATER,
)
def draft_copy(
    services: ServicesDep,
    caller: Administrator,
    configuration_id: Id,
    connection: Annotated[str, Query(max_length=200, description="Connection to copy to.")],
    shop_id: Annotated[str, Query(max_length=200, description="Shop to copy to.")],
    payment_code: Annotated[str, Query(max_length=200, description="Payment type to copy to.")],
) -> DraftConfiguration:
    """Nothing is saved."""
    draft = services.administration.configurations.draft_copy(
        caller.one_tenant(), configuration_id, Place(connection, shop_id, payment_code)
    )
    place = {name: getattr(draft.place, name) for name in ("connection", "shop_id", "payment_code")}
    return DraftConfiguration(
        **_plain(draft.fields), **place, copied_from=draft.copied_from, hints=hints_of(draft.hints)
    )


@router.get(
    "/setup/configurations/{configuration_id:part}/history",
    summary="Versions of a configuration",
    responses=CONFLICT,
)
def read_history(services: ServicesDep, caller: Administrator, configuration_id: Id) -> History:
    """Every version, oldest first."""
    found = services.administration.configurations.history(caller.one_tenant(), configuration_id)
    return History(versions=[_version(one) for one in found])


def _switch(path: str, active: bool, summary: str, description: str) -> None:
    """Add the address that switches configurations on or off."""

    @router.post(
        f"/setup/configurations/{{configuration_id:part}}/{path}",
        name=f"{path}_configuration",
        summary=summary,
        description=description,
        responses=CONFLICT | _LATER,
    )
    def switched(
        services: ServicesDep, caller: Administrator, configuration_id: Id, response: Response
    ) -> SavedConfiguration:
        configurations = services.administration.configurations
        saved = configurations.set_active(caller.one_tenant(), configuration_id, active, by=caller.name)
        return _told(saved, caller, response)


_switch("activate", True, "Switch a configuration on", "Only if the ERP still offers its payment type.")
_switch(
    "deactivate",
    False,
    "Switch a configuration off",
    "Nothing is sent for its orders any more; what may have been sent before is still asked for.",
)


def _told(saved: Saved, caller: Caller, response: Response) -> SavedConfiguration:
    tagged(response, saved.view.configuration.config.version)
    return SavedConfiguration(**_fields_of(saved.view, caller), changed=saved.changed, hints=hints_of(saved.hints))


def _fields_of(found: Found, caller: Caller) -> dict[str, Any]:
    configuration = found.configuration
    path = joined("setup", "configurations", configuration.id)
    suffix = "" if caller.token.tenant is not None else "?" + urlencode({"tenant": configuration.tenant})
    return _plain(found.fields) | {
        "id": configuration.id,
        "version": configuration.config.version,
        "tenant": configuration.tenant,
        "connection": configuration.connection,
        "shop_id": configuration.shop_id,
        "payment_code": configuration.payment_code,
        "provider_account": configuration.config.provider_account,
        "in_force": found.in_force,
        "links": {"self": path + suffix, "history": f"{path}/history{suffix}"},
    }


def _plain(fields: Fields) -> dict[str, Any]:
    """The fields that may be shown."""
    return {name: getattr(fields, name) for name in ConfigurationFields.model_fields} | {"mode": fields.mode.value}


def _version(one: ConfigurationVersion) -> Version:
    config = one.configuration.config
    return Version(
        version=config.version,
        created_at=one.created_at,
        created_by=one.created_by,
        invoice_event=config.invoice_event,
        return_event=config.return_event,
        xml_tag=config.xml_tag,
        tolerance_minor=config.tolerance_minor,
        mode=config.mode.value,
        provider_account=config.provider_account,
    )
