"""An integration as merchants have them: it signs, encrypts, posts, decrypts, and knows nothing of us."""

from dataclasses import dataclass

from httpx import AsyncClient, Response

from paygate import mac
from paygate.envelope import Key, Scheme, Sealed, open_fields, seal
from paygate.fields import Fields, read, write
from tests.paygate import vectors
from tests.web.paygate.living import PAY_ID

MERCHANT = "acme_shop"
BLOWFISH = Key.of(Scheme.BLOWFISH, vectors.BLOWFISH_PASSWORD)
AES = Key.of(Scheme.AES, vectors.AES_PASSWORD)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Integration:
    """The shop of one MerchantID."""

    client: AsyncClient
    merchant: str = MERCHANT
    key: Key = BLOWFISH
    mac_password: str = vectors.MAC_PASSWORD
    base: str = "/paygate"

    def sealed(self, **values: str) -> Sealed:
        """A signed message; values given as '' are left out."""
        usual = {"MerchantID": self.merchant, "PayID": PAY_ID, "TransID": "order-1"}
        said = {name: value for name, value in (usual | values).items() if value}
        said.setdefault("MAC", mac.sign_request(Fields(tuple(said.items())), self.mac_password))
        return seal(write(said.items()), self.key)

    async def post(self, page: str, form: dict[str, str]) -> Response:
        return await self.client.post(f"{self.base}/{page}", data=form)

    async def ask(self, page: str, **values: str) -> Fields:
        """A request and the fields of its answer."""
        if page in ("capture", "credit", "reverse"):
            values = {"Amount": "4000", "Currency": "EUR"} | values
        answer = await self.post(f"{page}.aspx", self.sealed(**values).form(self.merchant))
        assert answer.status_code == 200
        return self.opened(answer)

    def opened(self, answer: Response) -> Fields:
        fields = open_fields(read(answer.content.decode("iso-8859-1")), self.key)
        assert fields.get("mid") == self.merchant
        return fields


def told(fields: Fields) -> tuple[str, str]:
    """Status and code."""
    return fields.get("status"), fields.get("code")
