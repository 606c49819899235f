"""Provider accounts: made of proven key pairs, and shared by the configurations with one pair."""

from dataclasses import dataclass, replace

from administration.fields import KEY_FAULTS, Fields
from administration.ports import Ports, kept
from administration.refusals import Refused, Why, explained, invalid
from domain.errors import Transient
from domain.parties import Configuration, ProviderAccount, Sealed
from domain.setup import KeyVerdict


@dataclass(frozen=True)
class ProvenKeys:
    """The provider account of proven keys, and what of it has to be saved; `account` is None when nothing does."""

    id: str
    provider: str
    account: ProviderAccount | None
    sealed: tuple[Sealed, ...] = ()
    callback_token: str | None = None


class ProviderAccounts:
    """The accounts that configurations name. Saves nothing: that is up to who saves the configuration."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def proven(self, tenant: str, fields: Fields, now: Configuration | None) -> ProvenKeys:
        """The account of this key pair, or the one that is named; several configurations may share it."""
        if fields.account:
            return self._set_up_by_itself(tenant, fields.account)
        proof, directory = self._ports.keys, self._ports.directory
        accounts = [
            one
            for one in directory.provider_accounts(tenant)
            if one.provider == proof.provider and one.public_key == fields.public_key
        ]
        mine = now.config.provider_account if now is not None else ""
        known = next((one for one in accounts if one.id == mine), accounts[0] if accounts else None)
        present = kept(self._ports.vault, known.secret_ref) if known is not None else ""
        private = fields.private_key or present
        moved = known is not None and fields.provider_url not in ("", known.base_url)
        if moved and not fields.private_key:
            raise invalid(
                "private_key",
                "The private key that is kept is not sent to another address.",
                "Give the private key together with the address.",
            )
        if not private:
            raise invalid("private_key", "A new public key needs its private key.", "Give both keys of the pair.")
        url = fields.provider_url or (known.base_url if known else proof.address(fields.public_key))
        self._judge(url, fields.public_key, private)
        if known is not None and (known.base_url, present) == (url, private):
            return ProvenKeys(known.id, proof.provider, None)
        ref = f"{tenant}/{proof.provider}/{fields.public_key}"
        if known is not None:
            ref = known.secret_ref or ref
            sealed = () if present == private else (self._ports.vault.seal(ref, private),)
            return ProvenKeys(known.id, proof.provider, replace(known, base_url=url, secret_ref=ref), sealed)
        account_id, token = f"{tenant}-{fields.public_key}", self._ports.token()
        with explained():
            account = ProviderAccount(account_id, tenant, proof.provider, url, fields.public_key, ref)
        secrets = (self._ports.vault.seal(ref, private), self._ports.vault.seal(callback_ref(account_id), token))
        return ProvenKeys(account_id, proof.provider, account, secrets, token)

    def _set_up_by_itself(self, tenant: str, account_id: str) -> ProvenKeys:
        found = self._ports.directory.provider_account(account_id)
        if found is None or found.tenant != tenant or found.provider not in self._ports.renewing:
            names = ", ".join(sorted(self._ports.renewing))
            raise invalid(
                "account",
                f"The tenant {tenant} has no account {account_id} at a provider whose holds are renewed ({names}).",
                "Set the account up first, or give a key pair.",
            )
        return ProvenKeys(found.id, found.provider, None)

    def _judge(self, url: str, public_key: str, private_key: str) -> None:
        try:
            verdict = self._ports.keys.judge(url, public_key, private_key)
        except Transient:
            raise Refused(
                Why.LATER,
                "provider_unreachable",
                "The payment provider could not be asked whether the keys belong together.",
                "Save again in a few minutes.",
            ) from None
        if verdict is not KeyVerdict.PROVEN:
            raise invalid(*KEY_FAULTS[verdict])


def callback_ref(account_id: str) -> str:
    """Where the token in the callback address of an account is kept, for registering the address at the provider."""
    return f"{account_id}/callback"
