"""Stand-ins for the ERP, the provider and the mail server behind the ports of `administration`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from administration.ports import AccountAccess, ErpAccess
from domain.erp_probe import Ability, ErpFeature, ErpFindings, ErpInstalled, ErpProfile, Need
from domain.errors import Misconfigured, Transient
from domain.file_drop import DropVerdict, FileDropSettings
from domain.parties import MailSettings, ProviderAccount
from domain.ports import Mail
from domain.setup import AccessVerdict, KeyVerdict, MailVerdict, MissingCall, PaymentType, Shop, Sign
from domain.setup_check import CallbackState

PASSWORD = "right-erp-password"
PUBLIC, PRIVATE = "s-pub-1", "s-priv-secret1"
OTHER_PUBLIC, OTHER_PRIVATE = "s-pub-2", "s-priv-secret2"


@dataclass
class FakeErp:
    """An ERP with two shops. `down`: nobody answers."""

    down: bool = False
    password: str = PASSWORD
    asked: int = 0
    shop_list: list[Shop] = field(default_factory=lambda: [Shop("DEM", "Demo"), Shop("TWO", "Second")])
    types: list[PaymentType] = field(
        default_factory=lambda: [PaymentType("K", "Karte", "UZCARD"), PaymentType("V", "Vorkasse")]
    )
    missing: list[MissingCall] = field(default_factory=list)
    signs: dict[str, Sign] = field(default_factory=dict)
    found: ErpFindings = field(default_factory=lambda: ErpFindings("", "", datetime(2027, 2, 1, tzinfo=UTC)))

    def prove(self, access: ErpAccess) -> None:
        self._ask(access)

    def shops(self, access: ErpAccess) -> Sequence[Shop]:
        self._ask(access)
        return self.shop_list

    def payment_types(self, access: ErpAccess) -> Sequence[PaymentType]:
        self._ask(access)
        return self.types

    def missing_calls(self, access: ErpAccess) -> Sequence[MissingCall]:
        self._ask(access)
        return self.missing

    def installed(self, access: ErpAccess) -> ErpInstalled:
        self._ask(access)
        lost = [ErpFeature(one.call, present=False, need=Need.REQUIRED, ability=Ability.LOCK) for one in self.missing]
        return ErpInstalled(tuple(lost))

    def profile(self, access: ErpAccess) -> ErpProfile:
        self._ask(access)
        return ErpProfile("current")

    def findings(self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]) -> ErpFindings:
        self._ask(access)
        return replace(self.found, shop_id=shop_id, payment_code=payment_code)

    def event_signs(
        self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]
    ) -> Mapping[str, Sign]:
        self._ask(access)
        return {event: sign for event, sign in self.signs.items() if event in events}

    def _ask(self, access: ErpAccess) -> None:
        self.asked += 1
        if self.down:
            raise Transient("unreachable")
        if access.password != self.password:
            raise Misconfigured("misconfigured")


@dataclass
class FakeKeys:
    """A provider that knows two pairs, and takes any address but one that says live."""

    provider: str = "unzer"
    down: bool = False
    pairs: dict[str, str] = field(default_factory=lambda: {PRIVATE: PUBLIC, OTHER_PRIVATE: OTHER_PUBLIC})
    asked: list[str] = field(default_factory=list)

    def address(self, public_key: str) -> str:
        return "https://provider.example"

    def judge(self, base_url: str, public_key: str, private_key: str) -> KeyVerdict:
        self.asked.append(public_key)
        if private_key.startswith("s-pub"):
            return KeyVerdict.PUBLIC_AS_PRIVATE
        if "live" in base_url:
            return KeyVerdict.WRONG_ADDRESS
        if self.down:
            raise Transient("unreachable")
        if private_key not in self.pairs:
            return KeyVerdict.REFUSED
        return KeyVerdict.PROVEN if self.pairs[private_key] == public_key else KeyVerdict.MISMATCH


@dataclass
class FakeCallbacks:
    """A provider's list of callback addresses; ours is known by its token."""

    registered: set[str] = field(default_factory=set)
    down: bool = False

    def state(self, account: ProviderAccount, private_key: str, token: str, *, create: bool) -> CallbackState:
        if self.down:
            raise Transient("unreachable")
        if token in self.registered:
            return CallbackState.REGISTERED
        if not create:
            return CallbackState.MISSING
        self.registered.add(token)
        return CallbackState.CREATED


@dataclass
class FakeMail:
    """A mail server that says what it is told to."""

    verdict: MailVerdict = MailVerdict.TAKEN
    sent: list[tuple[MailSettings, str, Mail]] = field(default_factory=list)

    def send(self, settings: MailSettings, password: str, mail: Mail) -> MailVerdict:
        self.sent.append((settings, password, mail))
        return self.verdict


@dataclass
class FakeDrop:
    """A file server that says what it is told to."""

    verdict: DropVerdict = DropVerdict.WORKS
    tried: list[tuple[FileDropSettings, str, str]] = field(default_factory=list)

    def attempt(self, settings: FileDropSettings, secret: str, token: str) -> DropVerdict:
        self.tried.append((settings, secret, token))
        return self.verdict


@dataclass
class FakeAccess:
    """Providers that accept whatever they are told to."""

    verdict: AccessVerdict = AccessVerdict.PROVEN
    down: bool = False
    asked: list[AccountAccess] = field(default_factory=list)

    def address(self, provider: str) -> str:
        return f"https://{provider}.example"

    def is_live(self, access: AccountAccess) -> bool:
        return "live" in access.secret

    def judge(self, access: AccountAccess) -> AccessVerdict:
        self.asked.append(access)
        if self.down:
            raise Transient("unreachable")
        return self.verdict
