"""Accounts at providers whose holds are renewed: entered by a person, proven with the provider, secrets sealed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from administration.ports import AccountAccess, Ports, kept
from administration.refusals import Hint, Refused, Why, existing_tenant, explained, invalid
from domain.errors import Transient
from domain.parties import ProviderAccount
from domain.setup import AccessVerdict

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FAULTS: Mapping[AccessVerdict, tuple[str, str, str]] = {
    AccessVerdict.ID_MALFORMED: (
        "merchant_id",
        "This is no MerchantID: it has 1 to 30 letters, digits or _ @ + . - and begins with none of the last two.",
        "Copy it from the provider's letter.",
    ),
    AccessVerdict.SECRET_MALFORMED: (
        "secret",
        "This is no secret of the provider, or it does not fit the cipher.",
        "Copy it whole: a key that begins with sk_ or rk_; a password of 4 to 56 characters for Blowfish, of 16, 24 or "
        "32 for AES.",
    ),
    AccessVerdict.PUBLIC_AS_SECRET: (
        "secret",
        "This is a publishable key, which everybody may see and which can do nothing here.",
        "Give the secret key, or a restricted one.",
    ),
    AccessVerdict.SIGNING_MALFORMED: (
        "signing_secret",
        "The HMAC password is missing or has impossible characters.",
        "Copy it from the provider's letter; it is another one than the password of the cipher.",
    ),
    AccessVerdict.WRONG_ADDRESS: (
        "base_url",
        "The address is none that this secret may be sent to.",
        "Leave it out, or give an https address; a key for real money goes to the provider itself only.",
    ),
    AccessVerdict.REFUSED: (
        "secret",
        "The provider does not accept this.",
        "Compare id, secrets and cipher with what the provider gave you; something may have been replaced there.",
    ),
    AccessVerdict.LACKS_RIGHTS: (
        "secret",
        "The provider accepts this key and does not let it read payments.",
        "Give it the rights to read and write payments, or give the secret key.",
    ),
}


@dataclass(frozen=True)
class WantedAccount:
    """What is to be saved. Without `secret` or `signing_secret` the ones that are kept stay; without `base_url` it is
    the provider itself, or what is kept. `merchant_id`, `cipher` and `signing_secret` are for providers that have
    them."""

    provider: str
    secret: str | None = field(default=None, repr=False)
    base_url: str = ""
    merchant_id: str = ""
    cipher: str = ""
    signing_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SavedAccount:
    """The account that is kept. `changed` is false when it stood there like that already."""

    account: ProviderAccount
    changed: bool
    hints: tuple[Hint, ...] = ()


class HoldAccounts:
    """Accounts at providers whose holds are renewed. Every method raises `Refused`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def all(self, tenant: str) -> tuple[ProviderAccount, ...]:
        """The accounts of a tenant, those included that configurations have brought along."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        return self._ports.directory.provider_accounts(tenant)

    def get(self, tenant: str, account: str) -> ProviderAccount:
        """One account of a tenant."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        found = self._ports.directory.provider_account(account)
        if found is None or found.tenant != tenant:
            raise Refused(
                Why.MISSING,
                "unknown_account",
                f"The tenant {tenant} has no provider account {account}.",
                "Add the account first, or check its id.",
            )
        return found

    def save(
        self, tenant: str, account: str, wanted: WantedAccount, *, by: str, expected: int | None = None
    ) -> SavedAccount:
        """Add or change an account. `expected` is the revision that the change was made from, 0 for a new one.

        The provider is asked before anything is saved; what it does not accept is not saved.
        """
        who = existing_tenant(tenant, self._ports.directory.tenant(tenant))
        if wanted.provider not in self._ports.renewing:
            named = " and ".join(sorted(self._ports.renewing))
            raise invalid("provider", f"Accounts are entered here for {named}.", "Others come with configurations.")
        now = self._ports.directory.provider_account(account)
        if not _ID.fullmatch(account) or (now is not None and now.tenant != tenant):
            raise invalid(
                "account",
                f"The id {account[:100]} is taken, or none.",
                "Choose one of letters, digits, dots, hyphens and underscores, such as acme-cards.",
            )
        access = self._access(wanted, now)
        if who.simulated and self._ports.access.is_live(access):
            raise invalid(
                "secret",
                f"The tenant {tenant} is simulated, and this is about real money.",
                "Give access to tests, or to a stand-in by its address.",
            )
        self._judge(access)
        ref = now.secret_ref if now is not None and now.secret_ref else f"{tenant}/{wanted.provider}/{account}"
        options = {"cipher": access.cipher} if access.cipher else {}
        with explained():
            saved = ProviderAccount(
                account, tenant, wanted.provider, access.base_url, access.merchant, ref,
                options if now is None else {**now.options, **options},
            )  # fmt: skip
        secrets = {ref: access.secret, signing_ref(ref): access.signing}
        fresh = {one: value for one, value in secrets.items() if value and value != kept(self._ports.vault, one)}
        changed = bool(fresh) or saved != now
        before = (now.revision if now is not None else 0) if expected is None else expected
        if changed or before != 0:
            sealed = tuple(self._ports.vault.seal(one, value) for one, value in fresh.items())
            with explained():
                self._ports.directory.put_provider_account(saved, by=by, sealed=sealed, expected=before)
        return SavedAccount(self.get(tenant, account), changed, self._hints(tenant, access))

    def verify(self, tenant: str, account: str, *, by: str) -> ProviderAccount:
        """Ask the provider once more whether it accepts what is kept."""
        found = self.get(tenant, account)
        if found.provider not in self._ports.renewing:
            raise Refused(
                Why.CONFLICT,
                "not_entered_here",
                f"The account {account} came with a configuration.",
                "Check it there: saving a configuration proves its keys.",
            )
        self._judge(self._access(WantedAccount(found.provider), found))
        self._ports.trail.note(by, "provider_account.verified", account, tenant=tenant)
        return found

    def _access(self, wanted: WantedAccount, now: ProviderAccount | None) -> AccountAccess:
        """What is wanted, completed by what is kept."""
        if now is None:
            now = ProviderAccount("new", "new", wanted.provider, self._ports.access.address(wanted.provider))
        if now.provider != wanted.provider:
            raise Refused(
                Why.CONFLICT,
                "account_exists",
                f"The account {now.id} is at {now.provider}, and authorizations may belong to it.",
                "Choose another id for the new account.",
            )
        merchant = wanted.merchant_id.strip() or now.public_key
        if now.public_key and merchant != now.public_key:
            raise Refused(
                Why.CONFLICT,
                "account_exists",
                f"The account {now.id} is that of {now.public_key}, and authorizations may belong to it.",
                "Choose another id for the new account.",
            )
        url = wanted.base_url.strip() or now.base_url
        ref = now.secret_ref
        secret = wanted.secret or kept(self._ports.vault, ref)
        signing = wanted.signing_secret or (kept(self._ports.vault, signing_ref(ref)) if ref else "")
        if url.rstrip("/") != now.base_url.rstrip("/") and ref and not wanted.secret:
            raise invalid(
                "secret", "What is kept is not sent to another address.", "Give the secret together with the address."
            )
        if not secret:
            raise invalid("secret", "Nobody gets access without a secret.", "Give the provider's key or password.")
        cipher = wanted.cipher or now.options.get("cipher", "")
        return replace(
            AccountAccess(wanted.provider, url, secret.strip()),
            merchant=merchant,
            cipher=cipher,
            signing=signing.strip(),
        )

    def _judge(self, access: AccountAccess) -> None:
        try:
            verdict = self._ports.access.judge(access)
        except Transient:
            raise Refused(
                Why.LATER,
                "provider_unreachable",
                "The payment provider could not be asked whether it accepts this.",
                "Save again in a few minutes.",
            ) from None
        if verdict is not AccessVerdict.PROVEN:
            raise invalid(*_FAULTS[verdict])

    def _hints(self, tenant: str, access: AccountAccess) -> tuple[Hint, ...]:
        if self._ports.live(tenant) and not self._ports.access.is_live(access):
            return (Hint("not_live", "This account is for tests: no real money moves."),)
        return ()


def signing_ref(secret_ref: str) -> str:
    """Where the secret that signs messages is kept, beside the one that seals them."""
    return f"{secret_ref}/mac"
