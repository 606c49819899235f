"""The envelope: known ciphertexts, both ciphers there and back, one clear error for each thing that can be wrong."""

from contextlib import suppress

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from hypothesis import given
from hypothesis import strategies as st

from paygate.envelope import Key, Scheme, Sealed, open_fields, open_sealed, seal
from paygate.errors import PaygateError, Refusal
from paygate.fields import read
from tests.paygate import vectors

BLOWFISH = Key.of(Scheme.BLOWFISH, vectors.BLOWFISH_PASSWORD)
AES = Key.of(Scheme.AES, vectors.AES_PASSWORD)
KEYS = st.one_of(
    st.binary(min_size=4, max_size=56).map(lambda secret: Key(Scheme.BLOWFISH, secret)),
    st.sampled_from([16, 24, 32])
    .flatmap(lambda size: st.binary(min_size=size, max_size=size))
    .map(lambda secret: Key(Scheme.AES, secret)),
)
LATIN = st.text(st.characters(max_codepoint=0xFF), min_size=1, max_size=300)
AES_DATA = "000102030405060708090a0b0c0d0e0f-b6cf31ae9c09ca494a8819f0c12098c5"
BLOWFISH_DATA = "aa7cff6f05a0dc6b54a2a8937fbab49e"


def counting(size: int) -> bytes:
    """A source of randomness that is none."""
    return bytes(range(size))


@pytest.mark.parametrize(
    ("key", "plaintext", "sealed"),
    [
        (Key.of(Scheme.BLOWFISH, "password"), "plaintext", Sealed(9, "14ec7a6da0fbb3e50a84b47302443328")),
        (BLOWFISH, "Status=OK", Sealed(9, BLOWFISH_DATA)),
        (AES, "Status=OK", Sealed(9, AES_DATA)),
        (BLOWFISH, vectors.CAPTURE, Sealed(vectors.CAPTURE_LEN, vectors.CAPTURE_DATA)),
    ],
)
def test_known_messages(key: Key, plaintext: str, sealed: Sealed) -> None:
    """What we seal is what the other side seals, and what it sealed is opened, in either case of its digits."""
    assert seal(plaintext, key, counting) == sealed
    assert open_sealed(str(sealed.length), sealed.data, key) == plaintext
    assert open_sealed(f" 0{sealed.length}\r\n", f"{sealed.data.upper()}\r\n", key) == plaintext


@given(LATIN, KEYS)
def test_what_is_sealed_is_opened(plaintext: str, key: Key) -> None:
    """Both ciphers, every key length, every character of ISO-8859-1; Len counts characters and bytes alike."""
    sealed = seal(plaintext, key)
    assert sealed.length == len(plaintext)
    assert open_sealed(str(sealed.length), sealed.data, key) == plaintext
    envelope = read(sealed.body())
    assert open_sealed(envelope.get("len"), envelope.get("DATA"), key) == plaintext


@pytest.mark.parametrize("padding", [b"\x00" * 7, b"\x07" * 7, b"\xff" * 7, b"\x00" * 23])
def test_any_padding_is_cut_off(padding: bytes) -> None:
    """Zeros, PKCS#7 or anything: Len says where the message ends."""
    blocks = Cipher(Blowfish(BLOWFISH.secret), modes.ECB()).encryptor()
    assert open_sealed("9", (blocks.update(b"Status=OK" + padding) + blocks.finalize()).hex(), BLOWFISH) == "Status=OK"


def test_aes_that_was_filled_twice_is_cut_off() -> None:
    """One library fills with zeros and then adds a whole block of padding."""
    assert open_sealed("9", seal("Status=OK".ljust(16, "\0"), AES).data, AES) == "Status=OK"


def test_each_aes_message_has_its_own_iv() -> None:
    """By default the same text never looks the same twice."""
    assert seal("Status=OK", AES).data != seal("Status=OK", AES).data


@pytest.mark.parametrize(
    ("length", "data", "key", "code"),
    [
        ("17", BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_BEYOND_DATA),
        ("17", AES_DATA, AES, Refusal.LENGTH_BEYOND_DATA),
        ("9" * 5000, BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_BEYOND_DATA),
        ("", BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_NOT_A_NUMBER),
        ("-9", BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_NOT_A_NUMBER),
        ("9.0", BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_NOT_A_NUMBER),
        ("٩", BLOWFISH_DATA, BLOWFISH, Refusal.LENGTH_NOT_A_NUMBER),
        ("9", "", BLOWFISH, Refusal.DATA_MISSING),
        ("9", BLOWFISH_DATA[:-1], BLOWFISH, Refusal.DATA_ODD),
        ("9", AES_DATA[:-1], AES, Refusal.DATA_ODD),
        ("9", "zz" + BLOWFISH_DATA[2:], BLOWFISH, Refusal.DATA_NOT_HEX),
        ("9", BLOWFISH_DATA[:16] + " " + BLOWFISH_DATA[16:], BLOWFISH, Refusal.DATA_NOT_HEX),
        ("9", AES_DATA + "-00", AES, Refusal.DATA_NOT_HEX),
        ("9", BLOWFISH_DATA[:-2], BLOWFISH, Refusal.DATA_BLOCKS),
        ("9", AES_DATA[:-16], AES, Refusal.DATA_BLOCKS),
        ("9", AES_DATA[:33], AES, Refusal.DATA_BLOCKS),
        ("9", AES_DATA[2:], AES, Refusal.DATA_IV),
        ("9", AES_DATA, BLOWFISH, Refusal.AES_FOR_BLOWFISH),
        ("9", BLOWFISH_DATA, AES, Refusal.BLOWFISH_FOR_AES),
    ],
)
def test_each_fault_has_its_code(length: str, data: str, key: Key, code: Refusal) -> None:
    """Whoever calls can say what is wrong, and the sentence says what to do without quoting the message."""
    with pytest.raises(PaygateError) as refused:
        open_sealed(length, data, key)
    assert refused.value.code is code
    assert refused.value.sentence == str(refused.value)
    assert refused.value.sentence.endswith(".")
    assert "Status" not in refused.value.sentence


def test_a_wrong_key_gives_no_fields() -> None:
    """The cipher itself notices nothing; the text behind it holds no pair, or none with the right MAC."""
    with pytest.raises(PaygateError) as refused:
        open_fields(read(f"Len=9&Data={BLOWFISH_DATA}"), Key.of(Scheme.BLOWFISH, "another password"))
    assert refused.value.code is Refusal.NO_FIELDS


def test_an_envelope_is_opened_to_its_fields() -> None:
    """From the three parameters of a request to the fields inside, whatever the case of their names."""
    form = seal(vectors.CAPTURE, BLOWFISH).form(vectors.MERCHANT)
    assert form == {"MerchantID": vectors.MERCHANT, "Len": "189", "Data": vectors.CAPTURE_DATA}
    envelope = read("&".join(f"{name.lower()}={value}" for name, value in form.items()))
    assert open_fields(envelope, BLOWFISH).get("finishauth") == "Y"


@pytest.mark.parametrize(("plaintext", "code"), [("Name=Ł", Refusal.CHARACTERS), ("", Refusal.NOTHING_TO_SEAL)])
def test_what_cannot_be_sealed_is_refused_before_it_is_sent(plaintext: str, code: Refusal) -> None:
    """A character beyond ISO-8859-1 would make Len wrong on one of the two sides."""
    with pytest.raises(PaygateError) as refused:
        seal(plaintext, BLOWFISH)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("scheme", "password", "code"),
    [
        (Scheme.BLOWFISH, "abc", Refusal.KEY_LENGTH),
        (Scheme.BLOWFISH, "x" * 57, Refusal.KEY_LENGTH),
        (Scheme.AES, "x" * 17, Refusal.KEY_LENGTH),
        (Scheme.AES, "", Refusal.KEY_LENGTH),
        (Scheme.AES, "€" * 16, Refusal.KEY_CHARACTERS),
    ],
)
def test_a_key_that_fits_no_cipher_is_refused(scheme: Scheme, password: str, code: Refusal) -> None:
    """Setting up a merchant is where this shows, not the first message."""
    with pytest.raises(PaygateError) as refused:
        Key.of(scheme, password)
    assert refused.value.code is code


def test_a_key_does_not_show_itself() -> None:
    """Keys end up in logs by their repr."""
    assert vectors.AES_PASSWORD not in repr(AES)


def test_a_source_of_randomness_must_give_a_block() -> None:
    """A short IV would be sent as one that nobody can open."""
    with pytest.raises(PaygateError) as refused:
        seal("Status=OK", AES, lambda size: b"\0" * (size - 1))
    assert refused.value.code is Refusal.DATA_IV


@given(
    st.one_of(st.text(), st.integers(0, 99).map(str)),
    st.one_of(st.text(), st.text("0123456789abcdefABCDEF-"), st.binary().map(bytes.hex)),
    st.sampled_from([BLOWFISH, AES]),
)
def test_nothing_else_than_the_own_error(length: str, data: str, key: Key) -> None:
    """Whatever comes in from outside is opened or refused."""
    with suppress(PaygateError):
        assert len(open_sealed(length, data, key)) == int(length)


@given(st.text())
def test_sealing_refuses_or_seals(plaintext: str) -> None:
    """Any text: either it is expressible and comes back, or it is refused by name."""
    with suppress(PaygateError):
        assert open_sealed(str(len(plaintext)), seal(plaintext, AES).data, AES) == plaintext
