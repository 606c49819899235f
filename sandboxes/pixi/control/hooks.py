"""What happens in the ERP without us: import, shipping, cancellations, returns, locks set by people."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException

from sandboxes.pixi import warehouse
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.control import views
from sandboxes.pixi.inputs import (
    CancelIn,
    CommentIn,
    CreditIn,
    ExchangeIn,
    ImportStatusIn,
    InvoiceIn,
    LockIn,
    OrderChange,
    OrderIn,
    ReopenIn,
    ReturnIn,
    SettleIn,
    ShipIn,
    StatusIn,
)
from sandboxes.pixi.ordering import Refused, import_order
from sandboxes.pixi.sandbox import Sandbox
from sandboxes.pixi.state import Comment, Invoice, Order

Json = dict[str, Any]
T = TypeVar("T")


class Hooks:
    """Finds what a hook is about, turns a refusal into 409 and saves afterwards."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def account(self, name: str) -> PixiAccount:
        found = self._sandbox.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    def order(self, name: str, nr: int) -> tuple[PixiAccount, Order]:
        account = self.account(name)
        order = account.order(nr)
        if order is None:
            raise HTTPException(404, f"no order {nr} in account {name!r}")
        return account, order

    def invoice(self, name: str, nr: str) -> tuple[PixiAccount, Invoice]:
        account = self.account(name)
        invoice = account.invoice(nr)
        if invoice is None:
            raise HTTPException(404, f"no invoice {nr} in account {name!r}")
        return account, invoice

    def change(self, account: PixiAccount, action: Callable[[], T]) -> T:
        try:
            return action()
        except Refused as refused:
            raise HTTPException(409, str(refused)) from refused
        finally:
            self._sandbox.save(account)


def hooks_router(sandbox: Sandbox) -> APIRouter:
    router = APIRouter(prefix="/control/accounts/{name}", tags=["hooks"])
    hooks = Hooks(sandbox)
    _order_routes(router, hooks)
    _warehouse_routes(router, hooks)
    _people_routes(router, hooks)
    return router


def _order_routes(router: APIRouter, hooks: Hooks) -> None:
    @router.post("/orders", status_code=201)
    async def import_orders(name: str, data: OrderIn | list[OrderIn]) -> Json | list[Json]:
        account = hooks.account(name)
        wanted = data if isinstance(data, list) else [data]
        orders = hooks.change(account, lambda: [import_order(account, one) for one in wanted])
        answers = [views.imported(account, one) for one in orders]
        return answers if isinstance(data, list) else answers[0]

    @router.get("/orders")
    async def orders(name: str) -> list[Json]:
        return [views.brief(one) for one in hooks.account(name).state.orders.values()]

    @router.get("/orders/{nr}")
    async def order(name: str, nr: int) -> Json:
        return views.full(*hooks.order(name, nr))

    @router.patch("/orders/{nr}")
    async def change(name: str, nr: int, data: OrderChange) -> Json:
        account, order = hooks.order(name, nr)
        fields = {"kk_id": "pay_id"}

        def work() -> None:
            for key, value in data.model_dump(exclude_unset=True).items():
                setattr(order, fields.get(key, key), value)
            account.touch(order)

        hooks.change(account, work)
        return views.full(account, order)

    @router.post("/orders/{nr}/import-status")
    async def import_status(name: str, nr: int, data: ImportStatusIn) -> Json:
        account, order = hooks.order(name, nr)

        def work() -> None:
            entries = [one for one in account.state.imports if one.id == order.external and one.type == "order"]
            if data.remove:
                account.state.imports = [one for one in account.state.imports if one not in entries]
            for entry in entries:
                for key, value in data.model_dump(exclude_unset=True, exclude={"remove"}).items():
                    setattr(entry, key, value)
                entry.updated_at = account.now()

        hooks.change(account, work)
        return views.full(account, order)


def _warehouse_routes(router: APIRouter, hooks: Hooks) -> None:
    def document(name: str, nr: int, action: Callable[[PixiAccount, Order], Invoice]) -> Json:
        account, order = hooks.order(name, nr)
        return views.document(account, hooks.change(account, lambda: action(account, order)))

    def lines(name: str, nr: int, action: Callable[[PixiAccount, Order], None]) -> Json:
        account, order = hooks.order(name, nr)
        hooks.change(account, lambda: action(account, order))
        return views.full(account, order)

    @router.post("/orders/{nr}/ship")
    async def ship(name: str, nr: int, data: ShipIn | None = None) -> Json:
        return document(name, nr, lambda account, order: warehouse.ship(account, order, data or ShipIn()))

    @router.post("/orders/{nr}/return")
    async def take_back(name: str, nr: int, data: ReturnIn | None = None) -> Json:
        return document(name, nr, lambda account, order: warehouse.take_back(account, order, data or ReturnIn()))

    @router.post("/orders/{nr}/credit")
    async def credit(name: str, nr: int, data: CreditIn) -> Json:
        return document(name, nr, lambda account, order: warehouse.credit(account, order, data))

    @router.post("/orders/{nr}/invoice")
    async def invoice_by_hand(name: str, nr: int, data: InvoiceIn) -> Json:
        return document(name, nr, lambda account, order: warehouse.invoice_by_hand(account, order, data))

    @router.post("/orders/{nr}/exchange", status_code=201)
    async def exchange(name: str, nr: int, data: ExchangeIn | None = None) -> Json:
        account, order = hooks.order(name, nr)
        made = hooks.change(account, lambda: warehouse.replace(account, order, data or ExchangeIn()))
        return views.imported(account, made)

    @router.post("/orders/{nr}/reopen")
    async def reopen(name: str, nr: int, data: ReopenIn | None = None) -> Json:
        return lines(name, nr, lambda account, order: warehouse.reopen(account, order, data or ReopenIn()))

    @router.post("/orders/{nr}/cancel-lines")
    async def cancel(name: str, nr: int, data: CancelIn | None = None) -> Json:
        return lines(name, nr, lambda account, order: warehouse.cancel(account, order, data or CancelIn()))

    @router.post("/orders/{nr}/status")
    async def set_status(name: str, nr: int, data: StatusIn) -> Json:
        return lines(name, nr, lambda account, order: warehouse.set_status(account, order, data))


def _people_routes(router: APIRouter, hooks: Hooks) -> None:
    @router.post("/orders/{nr}/lock")
    async def lock(name: str, nr: int, data: LockIn) -> Json:
        account, order = hooks.order(name, nr)

        def work() -> None:
            order.locked, order.lock_reason = data.locked, data.reason
            account.touch(order)

        hooks.change(account, work)
        return views.full(account, order)

    @router.post("/orders/{nr}/comment")
    async def comment(name: str, nr: int, data: CommentIn) -> Json:
        account, order = hooks.order(name, nr)
        entry = Comment(at=account.now(), user=data.user, text=account.text(data.text))
        hooks.change(account, lambda: order.comments.append(entry))
        return views.full(account, order)

    @router.post("/customers/{key}/lock")
    async def lock_customer(name: str, key: int, data: LockIn) -> Json:
        account = hooks.account(name)
        customer = account.customer(key)
        if customer is None:
            raise HTTPException(404, f"no customer {key} in account {name!r}")
        customer.locked = data.locked
        hooks.change(account, lambda: None)
        return {"key": customer.key, "external_nr": customer.external, "locked": customer.locked}

    @router.get("/customers/{key}")
    async def customer(name: str, key: int) -> Json:
        account = hooks.account(name)
        found = account.customer(key)
        if found is None:
            raise HTTPException(404, f"no customer {key} in account {name!r}")
        return {
            "key": found.key,
            "external_nr": found.external,
            "locked": found.locked,
            "comments": views.comments(found.comments),
            "account_events": [views.event(one) for one in account.events_of(key)],
        }

    @router.get("/invoices/{nr}")
    async def invoice(name: str, nr: str) -> Json:
        return views.document(*hooks.invoice(name, nr))

    @router.post("/invoices/{nr}/settle")
    async def settle(name: str, nr: str, data: SettleIn | None = None) -> Json:
        account, found = hooks.invoice(name, nr)
        hooks.change(account, lambda: warehouse.settle(account, found, data or SettleIn()))
        return views.document(account, found)
