"""Tenants: who is set up at all."""

import re
from dataclasses import replace

from administration.ports import Ports
from administration.refusals import existing_tenant, explained, invalid
from domain.parties import Tenant
from domain.tenant_config import Language

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Tenants:
    """Adding, naming and listing tenants. Nobody is deleted."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def all(self) -> tuple[Tenant, ...]:
        """Every tenant by id."""
        return self._ports.directory.tenants()

    def get(self, tenant_id: str) -> Tenant:
        """One tenant. Raises `Refused`."""
        return existing_tenant(tenant_id, self._ports.directory.tenant(tenant_id))

    def save(self, tenant_id: str, name: str, language: Language, *, by: str) -> Tenant:
        """Add a tenant, or change name and language of one. Raises `Refused`."""
        if not _ID.fullmatch(tenant_id):
            raise invalid(
                "tenant",
                "The id of a tenant is 1 to 40 small letters, digits and hyphens, and begins with a letter or digit.",
                "Choose another id; the name may be anything.",
            )
        known = self._ports.directory.tenant(tenant_id)
        with explained():
            base = known or Tenant(tenant_id, name.strip())
            wanted = replace(base, name=name.strip(), language=language)
            self._ports.directory.put_tenant(wanted, by=by)
        return wanted
