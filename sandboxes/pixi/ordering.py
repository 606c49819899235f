"""How an order comes in: customer and address, lines, totals, and the import log entry with the shop's XML."""

from decimal import Decimal

from lxml import etree

from sandboxes.pixi import money
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.inputs import CustomerIn, ExchangeIn, LineIn, OrderIn
from sandboxes.pixi.state import Address, Customer, ImportLog, Item, Line, Order
from sandboxes.pixi.texts import xml_safe


class Refused(Exception):
    """The database does not allow this now; the text says why."""


def import_order(account: PixiAccount, data: OrderIn) -> Order:
    """Create the order as the import job would: held unless `status` or the payment type says otherwise."""
    settings = account.settings
    shop = next((one for one in settings.shops if data.shop_id in (None, one.id)), None)
    if shop is None:
        raise Refused(f"no shop {data.shop_id!r} in this account")
    nr = _order_number(account, data.order_nr)
    now = account.now()
    customer = _customer(account, data.customer, shop.id)
    code = data.payment_code or settings.payment_types[0].code
    kind = account.payment_type(code)
    order = Order(
        nr=nr,
        external=account.text(data.order_nr_external or f"W{nr}"),
        shop=shop.id,
        payment_code=code,
        currency=data.currency or shop.currency,
        cust_key=customer.key,
        addr_key=customer.addr_key,
        ship_addr_key=customer.addr_key,
        ship_cost=money.from_minor(data.ship_cost_minor),
        discount=money.from_minor(data.discount_minor),
        ordered_at=now,
        created_at=now,
        updated_at=now,
        lines=[],
        pay_id=data.kk_id,
        locked=data.locked,
        shop_note=data.shop_note,
        paid_at_import=kind is not None and kind.paid,
    )
    status = data.status or ("ANG" if kind is not None and not kind.hold else "HAL")
    for line in data.lines:
        order.append(_line(account, order, line, line.status or status))
    account.add_order(order)
    account.touch(order, "CORDER")
    _log_import(account, order, data)
    return order


def exchange(account: PixiAccount, original: Order, data: ExchangeIn, returned: list[Line]) -> Order:
    """A replacement order as people make one: no payment id, `P` and its own number, a minus line per returned one."""
    nr = _order_number(account, None)
    minus = [
        LineIn(sku=line.sku, name=line.name, qty=line.qty, price_exact=money.wire(-line.price), vat="H", status="MIN")
        for line in returned
    ]
    return import_order(
        account,
        OrderIn(
            order_nr=nr,
            order_nr_external=f"P{nr}",
            shop_id=original.shop,
            payment_code=original.payment_code,
            currency=original.currency,
            customer=CustomerIn(key=original.cust_key),
            lines=[*data.lines, *minus],
            status=data.status,
        ),
    )


def _order_number(account: PixiAccount, wanted: int | None) -> int:
    if wanted is None:
        nr = account.number("order")
        while nr in account.state.orders:
            nr = account.number("order")
        return nr
    if wanted in account.state.orders:
        raise Refused(f"order {wanted} already exists")
    return wanted


def _customer(account: PixiAccount, data: CustomerIn, shop: str) -> Customer:
    known = account.customer(data.key)
    if known is None and data.external_nr is not None:
        known = account.customer_by_external(shop, data.external_nr)
    if known is not None:
        known.locked = known.locked or data.locked
        return known
    key = data.key if data.key is not None else account.number("customer")
    fields = data.model_dump(exclude={"key", "external_nr", "locked"})
    texts = {name: account.text(value) for name, value in fields.items()}
    address = Address(key=account.number("address"), cust_key=key, **texts)
    account.state.addresses[address.key] = address
    external = account.text(data.external_nr or f"C{key}")
    customer = Customer(key=key, external=external, shop=shop, addr_key=address.key, locked=data.locked)
    account.add_customer(customer)
    return customer


def _line(account: PixiAccount, order: Order, data: LineIn, status: str) -> Line:
    price = money.from_decimal(Decimal(data.price_exact)) if data.price_exact else money.from_minor(data.price)
    name = account.text(data.name)
    if data.sku not in account.state.items:
        add_item(account, data.sku, name, price, data.vat)
    return Line(
        no=len(order.lines) + 1,
        key=account.number("line"),
        sku=data.sku,
        name=name,
        qty=data.qty,
        price=price,
        vat=data.vat,
        status=status,
        changed_at=order.created_at,
        bundle=data.bundle,
    )


def add_item(account: PixiAccount, sku: str, name: str, price: int, vat: str) -> None:
    key = account.number("item")
    account.state.items[sku] = Item(key=key, sku=sku, name=name, price=price, vat=vat, ean=f"40{key:011d}")


def _log_import(account: PixiAccount, order: Order, data: OrderIn) -> None:
    kind = account.payment_type(order.payment_code)
    tag = data.xml_tag or (kind.xml_tag if kind is not None else order.payment_code)
    account.state.imports.append(
        ImportLog(
            key=account.number("import"),
            id=order.external,
            type="order",
            status="XIM",
            request=_import_xml(account, order, tag, data.xml_kk_id or data.kk_id),
            response="<RESPONSE><STATUS>OK</STATUS></RESPONSE>",
            error=None,
            created_at=order.created_at,
            updated_at=order.created_at,
        )
    )


def _import_xml(account: PixiAccount, order: Order, tag: str, payment_id: str | None) -> str:
    """The document the shop sent, in the manner of openTRANS 1.0."""
    address = account.address_of(order)
    customer = account.state.customers[order.cust_key]
    root = etree.Element("ORDER", version="1.0", type="standard")
    info = etree.SubElement(etree.SubElement(root, "ORDER_HEADER"), "ORDER_INFO")

    def add(parent: etree._Element, name: str, value: str) -> None:
        etree.SubElement(parent, name).text = xml_safe(value)

    add(info, "ORDER_ID", order.external)
    add(info, "ORDER_DATE", order.ordered_at.isoformat(timespec="seconds"))
    add(info, "SHOPID", order.shop)
    add(info, "ORDER_SHIPLOCK", "Y" if order.locked else "N")
    add(info, "BUYER_SHIPLOCK", "Y" if customer.locked else "N")
    add(info, "PRICE_CURRENCY", order.currency)
    buyer = etree.SubElement(info, "BUYER")
    add(buyer, "PARTY_ID", customer.external)
    add(buyer, "NAME", f"{address.first_name} {address.last_name}")
    payment = etree.SubElement(info, "PAYMENT")
    add(payment, "PAYMENT_TYPE", tag)
    if payment_id:
        add(payment, "PAYMENT_ID", payment_id)
    items = etree.SubElement(root, "ORDER_ITEM_LIST")
    for line in order.lines:
        item = etree.SubElement(items, "ORDER_ITEM")
        add(item, "LINE_ITEM_ID", str(line.no))
        add(item, "SUPPLIER_AID", line.sku)
        add(item, "QUANTITY", str(line.qty))
        add(item, "PRICE_AMOUNT", money.wire(line.price))
    summary = etree.SubElement(root, "ORDER_SUMMARY")
    add(summary, "SHIPPING_COST", money.wire(order.ship_cost))
    add(summary, "DISCOUNT", money.wire(order.discount))
    add(summary, "TOTAL_AMOUNT", money.wire(order.total))
    return etree.tostring(root, encoding="unicode")
