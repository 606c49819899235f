"""The whole of Holdfast on PostgreSQL: an order of each family from its import to its booking."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from settings import Profile
from storage.records import rebuild
from tests.e2e.life import HOUR, PRICES, TOTAL, Done, Life, read_models
from tests.support.stack import Stack


@pytest.fixture
def fresh_database(postgres: str) -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    server, name = make_url(postgres), f"holdfast_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as sql:
        sql.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as sql:
            sql.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


async def test_an_order_of_each_family(fresh_database: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Card at shipping in two parcels, PayPal at release, a transfer and an invoice: each effect once, and rebuilt."""
    with Stack.start(
        tmp_path_factory.mktemp("postgres"), database_url=fresh_database, profile=Profile.EMBEDDED
    ) as stack:
        life = await Life.begin(stack, "pg")
        card, now, prepaid, paylater = (life.order(code) for code in "KSVR")
        await life.pass_by(HOUR)
        assert life.done(now) == Done((TOTAL,), releases=1, status="released")
        assert life.done(prepaid).status == "waiting_transfer"
        life.stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
        life.ship(card, 1)
        await life.pass_by(HOUR)
        life.ship(card, 2)
        for order in (now, prepaid, paylater):
            life.ship(order)
        await life.pass_by(HOUR)
        assert life.done(card) == Done(PRICES, PRICES, releases=1, status="settled")
        assert life.done(now) == life.done(paylater) == Done((TOTAL,), (TOTAL,), releases=1, status="settled")
        assert life.done(prepaid) == Done((), (TOTAL,), releases=1, locks=1, unlocks=1, status="settled")
        before = read_models(stack.stores.db)
        assert rebuild(stack.stores.db) == 4
        assert read_models(stack.stores.db) == before
        for name in ("worker", "starter"):
            said = (stack.places.folder / "logs" / f"{name}.log").read_text(encoding="utf-8")
            assert "Traceback" not in said
            assert str(make_url(fresh_database).password) not in said
