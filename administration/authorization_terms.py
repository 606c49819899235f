"""The terms of a provider account: when authorizations are renewed and split, how the merchant hears of failures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from administration.ports import Ports
from administration.refusals import Refused, Why, existing_tenant, explained, faulty
from domain.authorization.declines import HOPE_REASONS, NEVER_HOPE, Decline
from domain.authorization.terms import AuthorizationTerms, ImpossibleTerms
from domain.authorization.terms_change import TermsVersion
from domain.parties import ProviderAccount

SETTINGS = tuple(one.name for one in fields(AuthorizationTerms) if one.name != "version")
WIDER_HOPE = tuple(sorted(one.value for one in Decline if one not in NEVER_HOPE | HOPE_REASONS))


@dataclass(frozen=True)
class SavedTerms:
    """The terms that hold now. `changed` is false when they stood there like that already: then nobody is told."""

    terms: AuthorizationTerms
    changed: bool


class AgreedTerms:
    """The terms of accounts. Every method raises `Refused`.

    A change is confirmed by mail and told to open authorizations by whoever works on that; saving it is enough.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def get(self, tenant: str, account: str) -> AuthorizationTerms:
        """The terms that hold now; version 0 are the defaults."""
        self._account(tenant, account)
        return self._ports.terms.current(tenant, account)

    def history(self, tenant: str, account: str) -> tuple[TermsVersion, ...]:
        """Every version that was agreed on, oldest first."""
        self._account(tenant, account)
        return self._ports.terms.history(tenant, account)

    def save(
        self,
        tenant: str,
        account: str,
        entered: Mapping[str, Any],
        *,
        by: str,
        expected: int | None = None,
        keeping: bool = False,
    ) -> SavedTerms:
        """Agree on other terms. `entered` are settings by name; what is left out takes its default or, with `keeping`,
        stays as it is. `expected` is the version that the change was made from, 0 for the defaults.

        All that cannot be is told at once, each at its setting.
        """
        self._account(tenant, account)
        if self._ports.directory.mail_settings(tenant) is None:
            raise Refused(
                Why.CONFLICT,
                "mail_first",
                "A change of terms is confirmed by mail, and the tenant has no mail account.",
                "Set the mail account first.",
            )
        now = self._ports.terms.current(tenant, account)
        who = existing_tenant(tenant, self._ports.directory.tenant(tenant))
        base = now if keeping else AuthorizationTerms(language=who.language)
        wrong = list(_unknown(entered))
        try:
            wanted = replace(base, **{name: value for name, value in entered.items() if name in SETTINGS})
        except ImpossibleTerms as error:
            wrong += [(one.field, one.sentence) for one in error.faults]
        if wrong:
            raise faulty(wrong)
        before = now.version if expected is None else expected
        with explained():
            saved = self._ports.terms.put(tenant, account, wanted, by=by, expected=before)
        return SavedTerms(saved, saved.version != now.version)

    def _account(self, tenant: str, account: str) -> ProviderAccount:
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        found = self._ports.directory.provider_account(account)
        if found is None or found.tenant != tenant:
            raise Refused(
                Why.MISSING,
                "unknown_account",
                f"The tenant {tenant} has no provider account {account}.",
                "Add the account first, or check its id.",
            )
        if found.provider not in self._ports.renewing:
            raise Refused(
                Why.CONFLICT,
                "no_renewals",
                f"Authorizations at {found.provider} cannot be renewed, so there is nothing to agree on.",
                f"Terms belong to accounts at {' and '.join(sorted(self._ports.renewing))}.",
            )
        return found


def _unknown(entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What no terms can hold, whatever else they say."""
    for name in entered:
        if name not in SETTINGS:
            yield name, f"there is no setting {name}: leave it out"
    for reason in entered.get("wider_hope_reasons", ()):
        if reason not in WIDER_HOPE:
            told = f"a hope run mends no {reason!r} beyond what it always tries: choose of {', '.join(WIDER_HOPE)}"
            yield "wider_hope_reasons", told
