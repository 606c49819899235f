"""The rules as rows. Each row holds the complete list of what may happen outside: one effect more fails it.

`test_pure` plays every row in the pure core, `test_real` the same rows through the real workflows against the real
sandboxes.
"""

from datetime import timedelta

from domain.tenant_config import AppMode
from tests.scenarios.script import (
    ALWAYS,
    Arm,
    CancelLines,
    CancelWorkflow,
    Chargeback,
    CompletePayment,
    CreditNote,
    Disarm,
    EnterPaymentId,
    Expect,
    ExpireHold,
    FailPayment,
    HoldAgain,
    How,
    Line,
    MerchantCaptures,
    OldPicture,
    Order,
    Payment,
    PersonSettles,
    PersonUnlocks,
    Receipt,
    RepeatPicture,
    Scenario,
    Season,
    Setup,
    Ship,
    SwitchConfiguration,
    System,
    Tell,
    Wall,
    Webhook,
)

STANDARD = Setup(mode=AppMode.STANDARD)
PREPAID = Payment(type="prepayment", state="waiting")
PREPAID_ORDER = Order(code="V")
PAYLATER = Payment(type="paylater-invoice")
PAYLATER_ORDER = Order(code="L")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Expect(erp=(), provider=(), mails=())

# what is seen outside when one thing is done
RELEASED = ("release", "comment released")
TAKEN_AND_RELEASED = ("release", "comment released_captured")
WAITING = ("lock", "release", "comment released_waiting_transfer")
UNLOCKED = ("unlock", "comment unlocked_transfer")


def locked(reason: str) -> tuple[str, ...]:
    return ("lock", "release", f"comment released_locked {reason}")


def booked(invoice: str, amount: str, comment: str = "booked") -> tuple[str, ...]:
    return (f"book {invoice} {amount} UZE", f"comment {comment}")


def captured(invoice: str, amount: str) -> tuple[str, ...]:
    return booked(invoice, amount, "captured_booked")


_STANDARD = (
    Scenario(
        name="standard: the whole order is taken, then released, then booked when it ships",
        rules=("P1", "P4", "P11", "P12", "P13", "P16", "P30", "P31", "P34"),
        setup=STANDARD,
        script=(
            (HOUR, Expect(erp=TAKEN_AND_RELEASED, provider=("capture order 100.00",), mails=(), status="released")),
            (DAY, Ship()),
        ),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 100.00",), (), (), "settled"),
        in_this_order=("capture order 100.00", "release", "book R1 100.00 UZE"),
    ),
    Scenario(
        name="standard: PayPal, although the ERP's payment code says card",
        rules=("P9", "P16"),
        setup=STANDARD,
        payment=Payment(type="paypal"),
        script=((DAY, Ship()),),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="standard: Apple Pay with shipping cost",
        rules=("P16", "P34"),
        setup=STANDARD,
        order=Order(code="A", ship_cost=4_90),
        payment=Payment(type="applepay", amount=104_90),
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,)))),
        end=Expect(
            (*TAKEN_AND_RELEASED, *booked("R1", "64.90"), *booked("R2", "40.00")),
            ("capture order 104.90",),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="standard: the shop has taken the money already",
        rules=("P17", "P28", "P13"),
        setup=STANDARD,
        payment=Payment(state="charged"),
        script=((HOUR, Expect(erp=RELEASED, provider=())), (DAY, Ship())),
        end=Expect((*RELEASED, *booked("R1", "100.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="standard: the shop has taken a part, the rest is taken before the release",
        rules=("P16", "P17"),
        setup=STANDARD,
        payment=Payment(captured=40_00),
        script=((DAY, Ship()),),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 60.00",), (), (), "settled"),
    ),
    Scenario(
        name="standard: the capture is refused, the order ends open and locked",
        rules=("P16", "P14", "P1", "P2", "P84"),
        setup=STANDARD,
        script=((timedelta(), Arm(System.PROVIDER, "capture", How.REFUSED)),),
        end=Expect(locked("capture_failed"), (), (2035,), ("capture_failed",), "blocked"),
    ),
    Scenario(
        name="standard: a refused capture works when somebody has the order looked at again",
        rules=("P16", "P14", "P13"),
        setup=STANDARD,
        script=(
            (timedelta(), Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, Expect(provider=(), status="blocked")),
            (DAY, Tell("look_again", times=3)),
            (2 * DAY, Ship()),
        ),
        end=Expect(
            (*locked("capture_failed"), "unlock", "comment unlocked_verified", *booked("R1", "100.00")),
            ("capture order 100.00",),
            (2035,),
            (),
            "settled",
        ),
        in_this_order=("release", "capture order 100.00", "unlock"),
    ),
    Scenario(
        name="standard: after a refusal the merchant takes the money by hand; nothing is taken twice",
        rules=("P17", "P16", "P8"),
        setup=STANDARD,
        script=(
            (timedelta(), Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, MerchantCaptures(100_00)),
            (2 * DAY, Tell("look_again")),
            (3 * DAY, Ship()),
        ),
        end=Expect(
            (*locked("capture_failed"), "unlock", "comment unlocked_verified", *booked("R1", "100.00")),
            ("capture by hand 100.00",),
            (2035,),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="standard: the answer to the capture is lost, it is found by asking",
        rules=("P8", "P16"),
        setup=STANDARD,
        script=((timedelta(), Arm(System.PROVIDER, "capture", How.LOST_ANSWER)), (DAY, Ship())),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="standard: the request to capture is lost, it is sent again after asking",
        rules=("P8", "P16"),
        setup=STANDARD,
        script=((timedelta(), Arm(System.PROVIDER, "capture", How.LOST_REQUEST)), (DAY, Ship())),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="standard: an invoice over the order's amount is not booked",
        rules=("P34", "P84", "P2"),
        setup=STANDARD,
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,), total=40_01))),
        end=Expect(
            (*TAKEN_AND_RELEASED, *booked("R1", "60.00"), "comment invoices_exceed"),
            ("capture order 100.00",),
            (2034,),
            ("invoices_exceed_order",),
            "shipping",
        ),
    ),
    Scenario(
        name="standard: an invoice over the order's amount by the tolerance is booked",
        rules=("P34", "P6"),
        setup=Setup(mode=AppMode.STANDARD, tolerance=1),
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,), total=40_01))),
        end=Expect(
            (*TAKEN_AND_RELEASED, *booked("R1", "60.00"), *booked("R2", "40.01")),
            ("capture order 100.00",),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="standard: every step's answer is lost once, and nothing is done twice",
        rules=("P8", "P31", "P15"),
        setup=STANDARD,
        script=(
            (timedelta(), Arm(System.PROVIDER, "capture", How.LOST_ANSWER)),
            (timedelta(), Arm(System.ERP, "release", How.LOST_ANSWER)),
            (timedelta(), Arm(System.ERP, "book", How.LOST_ANSWER)),
            (DAY, Ship()),
        ),
        end=Expect((*TAKEN_AND_RELEASED, *booked("R1", "100.00")), ("capture order 100.00",), (), (), "settled"),
    ),
)

_EXPERT = (
    Scenario(
        name="expert: nothing is taken before shipping, then each invoice exactly",
        rules=("P18", "P30", "P31", "P35", "P1", "P13"),
        script=(
            (HOUR, Expect(erp=RELEASED, provider=(), mails=(), problems=(), status="released")),
            (DAY, Ship((1,))),
            (DAY + HOUR, Expect(provider=("capture R1 60.00",), status="shipping")),
            (2 * DAY, Ship((2,))),
        ),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
        in_this_order=("release", "capture R1 60.00", "book R1 60.00 UZE", "capture R2 40.00", "book R2 40.00 UZE"),
    ),
    Scenario(
        name="expert: PayPal in one parcel with shipping cost",
        rules=("P18", "P35"),
        order=Order(code="P", lines=(Line(19_99, 3),), ship_cost=4_90),
        payment=Payment(type="paypal", amount=64_87),
        script=((DAY, Ship()),),
        end=Expect((*RELEASED, *captured("R1", "64.87")), ("capture R1 64.87",), (), (), "settled"),
    ),
    Scenario(
        name="expert: Apple Pay, one line is cancelled and never taken",
        rules=("P18", "P35"),
        order=Order(code="A"),
        payment=Payment(type="applepay"),
        script=((DAY, CancelLines((2,))), (2 * DAY, Ship())),
        end=Expect((*RELEASED, *captured("R1", "60.00")), ("capture R1 60.00",), (), (), "settled"),
    ),
    Scenario(
        name="expert: the first of two captures fails, the second goes on, the first is tried again on demand",
        rules=("P35", "P31", "P2", "P1", "P84"),
        script=(
            (HOUR, Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, Ship((1,))),
            (DAY + HOUR, Expect(provider=(), mails=(2035,), problems=("capture_failed",), status="shipping")),
            (2 * DAY, Ship((2,))),
            (3 * DAY, Expect(provider=("capture R2 40.00",), problems=("capture_failed",), status="shipping")),
            (3 * DAY, Tell("look_again")),
        ),
        end=Expect(
            (*RELEASED, "comment capture_failed capture_failed", *captured("R2", "40.00"), *captured("R1", "60.00")),
            ("capture R2 40.00", "capture R1 60.00"),
            (2035,),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="expert: two invoices at once while the first capture's answer is lost",
        rules=("P8", "P35"),
        script=(
            (HOUR, Arm(System.PROVIDER, "capture", How.LOST_ANSWER)),
            (DAY, Ship((1,))),
            (DAY, Ship((2,))),
        ),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="expert: the answer to a booking is lost, the account shows it",
        rules=("P8", "P31"),
        script=((HOUR, Arm(System.ERP, "book", How.LOST_ANSWER)), (DAY, Ship())),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="expert: the ERP refuses a booking; the money stays as it is, a person asks again",
        rules=("P31", "P2"),
        script=(
            (HOUR, Arm(System.ERP, "book", How.REFUSED)),
            (DAY, Ship()),
            (DAY + HOUR, Expect(mails=(2041,), problems=("booking_failed",), provider=("capture R1 100.00",))),
            (2 * DAY, Tell("look_again")),
        ),
        end=Expect(
            (*RELEASED, "comment booking_failed", *captured("R1", "100.00")),
            ("capture R1 100.00",),
            (2041,),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="expert: the shop has taken everything, so nothing is taken and the invoices are checked",
        rules=("P28", "P17", "P34"),
        payment=Payment(state="charged"),
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,), total=41_00))),
        end=Expect(
            (*RELEASED, *booked("R1", "60.00"), "comment invoices_exceed"),
            (),
            (2034,),
            ("invoices_exceed_order",),
            "shipping",
        ),
    ),
    Scenario(
        name="expert: the shop has taken everything but a rounding difference; that is not taken either",
        rules=("P28", "P6"),
        setup=Setup(tolerance=5),
        payment=Payment(state="charged", amount=99_97),
        script=((DAY, Ship()),),
        end=Expect((*RELEASED, *booked("R1", "100.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="expert: the shop has taken a part, which covers the first invoice and a piece of the second",
        rules=("P28", "P35"),
        payment=Payment(captured=70_00),
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,)))),
        end=Expect(
            (*RELEASED, *booked("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R2 30.00",),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="expert: the hold is a rounding difference smaller, the last invoice takes what is left",
        rules=("P6", "P35"),
        setup=Setup(tolerance=2),
        payment=Payment(amount=99_98),
        script=((DAY, Ship((1,))), (2 * DAY, Ship((2,)))),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "39.98")),
            ("capture R1 60.00", "capture R2 39.98"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="expert: an invoice over the hold is not taken in part",
        rules=("P35", "P2"),
        script=((DAY, Ship(total=120_00)),),
        end=Expect((*RELEASED, "comment capture_failed capture_failed"), (), (2035,), ("capture_failed",), "shipping"),
    ),
    Scenario(
        name="expert: a chargeback stops further captures",
        rules=("P2", "P84"),
        script=((DAY, Ship((1,))), (2 * DAY, Chargeback(60_00)), (3 * DAY, Ship((2,)))),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), "comment problem chargeback"),
            ("capture R1 60.00",),
            (2080,),
            ("chargeback",),
            "shipping",
        ),
    ),
    Scenario(
        name="expert: goods that ship while the check has failed are never taken",
        rules=("P14", "P30", "P84"),
        payment=Payment(amount=90_00),
        script=((DAY, PersonUnlocks()), (DAY + HOUR, Ship())),
        end=Expect(
            (*locked("amount_differs"), "comment capture_unverified"),
            (),
            (2017, 2036),
            ("amount_differs", "capture_unverified"),
            "shipping",
        ),
    ),
    Scenario(
        name="expert: somebody parks a released order again; it is released again",
        rules=("P11",),
        script=((DAY, HoldAgain()), (2 * DAY, Ship())),
        end=Expect((*RELEASED, *RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="expert: the release is refused by the ERP until a person asks again",
        rules=("P13", "P2"),
        script=(
            (timedelta(), Arm(System.ERP, "release", How.REFUSED)),
            (HOUR, Expect(erp=(), mails=(2042,), problems=("erp_refused",))),
            (DAY, Tell("look_again")),
        ),
        end=Expect(RELEASED, (), (2042,), (), "released"),
    ),
    Scenario(
        name="expert: an invoice settled by a person is left alone",
        rules=("P31",),
        setup=Setup(active=True),
        script=(
            (HOUR, Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, Ship()),
            (2 * DAY, PersonSettles("R1")),
            (3 * DAY, Tell("look_again")),
        ),
        end=Expect((*RELEASED, "comment capture_failed capture_failed"), (), (2035,), ("capture_failed",), "settled"),
    ),
)

_CHECKS = (
    Scenario(
        name="check: the payment id is missing",
        rules=("P12", "P14", "P1", "P2", "P7", "P84"),
        order=Order(payment="none"),
        payment=None,
        end=Expect(locked("payment_id_missing"), (), (2014,), ("payment_id_missing",), "blocked"),
        in_this_order=("lock", "release"),
    ),
    Scenario(
        name="check: the missing payment id is entered later, the order is checked anew and unlocked",
        rules=("P12", "P13", "P14"),
        order=Order(payment="none"),
        script=((DAY, EnterPaymentId()), (2 * DAY, Ship())),
        end=Expect(
            (*locked("payment_id_missing"), "unlock", "comment unlocked_verified", *captured("R1", "100.00")),
            ("capture R1 100.00",),
            (2014,),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="check: the provider does not know the payment",
        rules=("P12", "P14"),
        order=Order(payment="made up"),
        payment=None,
        end=Expect(locked("payment_unknown"), (), (2015,), ("payment_unknown",), "blocked"),
    ),
    Scenario(
        name="check: an unknown payment id is corrected to one that fails for another reason, each is told",
        rules=("P14", "P2"),
        order=Order(payment="made up"),
        payment=Payment(amount=99_00),
        script=((DAY, EnterPaymentId()),),
        end=Expect(locked("payment_unknown"), (), (2015, 2017), ("amount_differs",), "blocked"),
    ),
    Scenario(
        name="check: the provider declined",
        rules=("P12", "P14"),
        payment=Payment(state="declined"),
        end=Expect(locked("payment_declined"), (), (2016,), ("payment_declined",), "blocked"),
    ),
    Scenario(
        name="check: the currency is another one",
        rules=("P12", "P14"),
        payment=Payment(currency="USD"),
        end=Expect(locked("currency_differs"), (), (2018,), ("currency_differs",), "blocked"),
    ),
    Scenario(
        name="check: the amount differs by the tolerance",
        rules=("P6", "P12", "P13"),
        setup=Setup(tolerance=3),
        payment=Payment(amount=100_03),
        script=((DAY, Ship()),),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="check: the amount is too small by the tolerance",
        rules=("P6", "P12", "P16"),
        setup=Setup(mode=AppMode.STANDARD, tolerance=3),
        payment=Payment(amount=99_97),
        end=Expect(TAKEN_AND_RELEASED, ("capture order 99.97",), (), (), "released"),
    ),
    Scenario(
        name="check: the amount is too small by one cent more than the tolerance",
        rules=("P6", "P14"),
        setup=Setup(tolerance=3),
        payment=Payment(amount=99_96),
        end=Expect(locked("amount_differs"), (), (2017,), ("amount_differs",), "blocked"),
    ),
    Scenario(
        name="check: the amount is too large by one cent more than the tolerance",
        rules=("P6", "P14"),
        setup=Setup(tolerance=3),
        payment=Payment(amount=100_04),
        end=Expect(locked("amount_differs"), (), (2017,), ("amount_differs",), "blocked"),
    ),
    Scenario(
        name="check: the import names another payment method, which is not forgotten after the release",
        rules=("P12", "P14"),
        order=Order(tag="UZPPL"),
        script=((DAY, Expect(mails=(2019,))), (DAY, Tell("look_again"))),
        end=Expect(locked("payment_tag_differs"), (), (2019, 2019), ("payment_tag_differs",), "blocked"),
    ),
    Scenario(
        name="check: a type that is not supported is never taken",
        rules=("P27", "P14", "P9"),
        setup=STANDARD,
        order=Order(code="T"),
        payment=Payment(type="sofort", state="charged"),
        script=((DAY, PersonUnlocks()), (DAY + HOUR, Ship())),
        end=Expect(
            (*locked("unsupported_method"), "comment capture_unverified"),
            (),
            (2027, 2036),
            ("capture_unverified", "unsupported_method"),
            "shipping",
        ),
    ),
    Scenario(
        name="check: a payment that was charged back does not pass",
        rules=("P12", "P14"),
        setup=STANDARD,
        order=Order(imported_after=HOUR),
        payment=Payment(state="charged"),
        script=((timedelta(), Chargeback(100_00)),),
        end=Expect(
            (*locked("payment_voided"), "comment problem chargeback"),
            (),
            (2080, 2020),
            ("chargeback", "payment_voided"),
            "blocked",
        ),
    ),
    Scenario(
        name="check: looked at again without a change it fails again and tells so",
        rules=("P14", "P2"),
        payment=Payment(amount=90_00),
        script=((DAY, Tell("look_again")),),
        end=Expect(locked("amount_differs"), (), (2017, 2017), ("amount_differs",), "blocked"),
    ),
    Scenario(
        name="check: marking the problem as solved sets nothing in motion",
        rules=("P14",),
        payment=Payment(amount=90_00),
        script=((DAY, Tell("mark_solved")),),
        end=Expect(locked("amount_differs"), (), (2017,), (), "blocked"),
    ),
)

_SCOPE = (
    Scenario(
        name="scope: made by hand in the ERP and without payment id, left alone",
        rules=("P7",),
        order=Order(number="P{nr}", payment="none", status="ANG"),
        payment=None,
        script=((DAY, Ship((1,))), (2 * DAY, CreditNote(10_00))),
        end=NOTHING,
    ),
    Scenario(
        name="scope: a number like one made by hand, but with a payment id, is looked after",
        rules=("P7",),
        order=Order(number="P{nr}"),
        script=((DAY, Ship()),),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="scope: a number that only begins like one made by hand",
        rules=("P7", "P14"),
        order=Order(number="P{nr}0", payment="none"),
        payment=None,
        end=Expect(locked("payment_id_missing"), (), (2014,), ("payment_id_missing",), "blocked"),
    ),
    Scenario(
        name="scope: an inactive configuration does nothing",
        rules=("P4",),
        setup=Setup(active=False),
        end=NOTHING,
    ),
    Scenario(
        name="scope: a configuration that is switched off and on again while goods ship",
        rules=("P4", "P30"),
        script=(
            (HOUR, SwitchConfiguration(active=False)),
            (DAY, Ship()),
            (2 * DAY, Expect(erp=RELEASED, provider=())),
            (2 * DAY, SwitchConfiguration(active=True)),
        ),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
)

_WAITING = (
    Scenario(
        name="pending: held and unlocked with one comment, released when the provider accepts",
        rules=("P10", "P1", "P84"),
        payment=Payment(state="pending"),
        script=(
            (HOUR, Expect(erp=("comment payment_pending",), mails=(), problems=("payment_pending",))),
            (HOUR, CompletePayment()),
            (2 * HOUR, Expect(erp=("comment payment_pending", *RELEASED), problems=(), status="released")),
            (2 * DAY, Ship()),
        ),
        end=Expect(
            ("comment payment_pending", *RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"
        ),
    ),
    Scenario(
        name="pending: no webhook comes, the order looks again by itself",
        rules=("P10",),
        payment=Payment(state="pending"),
        webhooks=0,
        script=((HOUR, CompletePayment()),),
        end=Expect(("comment payment_pending", *RELEASED), (), (), (), "released"),
    ),
    Scenario(
        name="pending: then declined, which is a failed check",
        rules=("P10", "P14"),
        payment=Payment(state="pending"),
        script=((HOUR, FailPayment()),),
        end=Expect(
            ("comment payment_pending", *locked("payment_declined")), (), (2016,), ("payment_declined",), "blocked"
        ),
    ),
    Scenario(
        name="unreadable: the provider is away, the order stays held, then goes on",
        rules=("P15", "P84"),
        script=(
            (timedelta(), Arm(System.PROVIDER, "read", How.LOST_REQUEST, ALWAYS)),
            (
                4 * HOUR,
                Expect(erp=(), provider=(), mails=(), problems=("payment_unreadable",), status="waiting_payment"),
            ),
            (4 * HOUR, Tell("look_again")),
            (5 * HOUR, Expect(erp=(), mails=(), problems=("payment_unreadable",), status="waiting_payment")),
            (5 * HOUR, Disarm(System.PROVIDER)),
        ),
        end=Expect(RELEASED, (), (), (), "released"),
    ),
    Scenario(
        name="unreadable: the ERP is away at the release, which is repeated",
        rules=("P15", "P13", "P8"),
        script=((timedelta(), Arm(System.ERP, "release", How.LOST_REQUEST, 2)),),
        end=Expect(RELEASED, (), (), (), "released"),
    ),
    Scenario(
        name="late: an invoice that stays unbooked for long is shown, but not before ten minutes have passed",
        rules=("P40", "P84", "P4"),
        script=(
            (HOUR, Arm(System.ERP, "book", How.LOST_REQUEST)),
            (4 * HOUR, Ship()),
            (4 * HOUR + timedelta(seconds=30), SwitchConfiguration(active=False)),
            (4 * HOUR + timedelta(minutes=10), Expect(problems=(), mails=(), provider=("capture R1 100.00",))),
            (5 * HOUR, Expect(mails=(2043,), problems=("outcome_unknown", "settlement_late"))),
            (5 * HOUR, SwitchConfiguration(active=True)),
        ),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (2043,), (), "settled"),
    ),
)

_PREPAYMENT = (
    Scenario(
        name="prepayment: the money was there before the import",
        rules=("P19", "P22", "P33"),
        order=PREPAID_ORDER,
        payment=Payment(type="prepayment", state="charged"),
        script=(
            (HOUR, Expect(erp=RELEASED, provider=(), status="released")),
            (DAY, Ship((1,))),
            (2 * DAY, Expect(erp=RELEASED, status="shipping")),
            (2 * DAY, Ship((2,))),
        ),
        end=Expect((*RELEASED, *booked("R1", "60.00"), *booked("R2", "40.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: locked until the money comes, then nothing but the lock changes",
        rules=("P10", "P19", "P20", "P21", "P33", "P84"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=(
            (
                3 * DAY,
                Expect(
                    erp=WAITING, provider=(), mails=(), problems=("waiting_for_transfer",), status="waiting_transfer"
                ),
            ),
            (3 * DAY, Receipt(100_00)),
            (3 * DAY + HOUR, Expect(erp=(*WAITING, *UNLOCKED), mails=(), problems=(), status="released")),
            (4 * DAY, Ship()),
        ),
        end=Expect((*WAITING, *UNLOCKED, *booked("R1", "100.00")), (), (), (), "settled"),
        in_this_order=("lock", "release", "unlock", "book R1 100.00 UZE"),
    ),
    Scenario(
        name="prepayment: standard mode changes nothing",
        rules=("P4", "P20", "P21"),
        setup=STANDARD,
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, Receipt(100_00)), (2 * DAY, Ship())),
        end=Expect((*WAITING, *UNLOCKED, *booked("R1", "100.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: two transfers; the first is too little and keeps the lock",
        rules=("P29", "P84", "P21"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=(
            (DAY, Receipt(60_00)),
            (
                DAY + HOUR,
                Expect(
                    erp=(*WAITING, "comment transfer_too_little"),
                    mails=(),
                    problems=("transfer_too_little",),
                    status="waiting_transfer",
                ),
            ),
            (2 * DAY, Receipt(40_00)),
        ),
        end=Expect((*WAITING, "comment transfer_too_little", *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="prepayment: too much is a notice and goes on",
        rules=("P29", "P84", "P21"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, Receipt(120_00)), (2 * DAY, Ship())),
        end=Expect(
            (*WAITING, *UNLOCKED, "comment transfer_too_much", *booked("R1", "100.00")),
            (),
            (),
            ("transfer_too_much",),
            "settled",
        ),
    ),
    Scenario(
        name="prepayment: too little by the tolerance is enough, and so is too much by it no notice",
        rules=("P29", "P6"),
        setup=Setup(tolerance=2),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, Receipt(99_98)),),
        end=Expect((*WAITING, *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="prepayment: too little by one cent more than the tolerance",
        rules=("P29", "P6"),
        setup=Setup(tolerance=2),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, Receipt(99_97)),),
        end=Expect((*WAITING, "comment transfer_too_little"), (), (), ("transfer_too_little",), "waiting_transfer"),
    ),
    Scenario(
        name="prepayment: a cancelled line lowers what is owed",
        rules=("P29", "P33"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, CancelLines((2,))), (2 * DAY, Receipt(60_00)), (3 * DAY, Ship())),
        end=Expect((*WAITING, *UNLOCKED, *booked("R1", "60.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: a cancelled line makes a small transfer enough",
        rules=("P29", "P21"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, Receipt(60_00)), (2 * DAY, CancelLines((2,)))),
        end=Expect((*WAITING, "comment transfer_too_little", *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="prepayment: no webhook comes, the timer finds the money",
        rules=("P29",),
        order=PREPAID_ORDER,
        payment=PREPAID,
        webhooks=0,
        script=((DAY, Receipt(100_00)),),
        lasts=4 * DAY,
        end=Expect((*WAITING, *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="prepayment: after two weeks the operator is told, nothing is cancelled",
        rules=("P29", "P20", "P84"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((13 * DAY, Expect(erp=WAITING, mails=(), problems=("waiting_for_transfer",))),),
        lasts=20 * DAY,
        end=Expect(
            (*WAITING, "comment transfer_overdue"),
            (),
            (1031,),
            ("transfer_overdue", "waiting_for_transfer"),
            "waiting_transfer",
        ),
    ),
    Scenario(
        name="prepayment: shipped without money is handed to a person, later money changes nothing",
        rules=("P32", "P84", "P33"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=(
            (DAY, PersonUnlocks()),
            (DAY + HOUR, Ship()),
            (2 * DAY, Expect(erp=(*WAITING, "comment shipped_unpaid"), mails=(), problems=("shipped_unpaid",))),
            (3 * DAY, Receipt(100_00)),
            (4 * DAY, Expect(problems=("shipped_unpaid",), status="shipping")),
            (5 * DAY, PersonSettles("R1")),
        ),
        end=Expect((*WAITING, "comment shipped_unpaid"), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: shipped without money, the switch lets later money settle it",
        rules=("P32",),
        setup=Setup(late_settle=True),
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=((DAY, PersonUnlocks()), (DAY + HOUR, Ship()), (3 * DAY, Receipt(100_00))),
        end=Expect((*WAITING, "comment shipped_unpaid", *booked("R1", "100.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: money that came unheard is looked for before goods count as unpaid",
        rules=("P32", "P33"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        webhooks=0,
        script=((DAY, Receipt(100_00)), (DAY + HOUR, PersonUnlocks()), (DAY + 2 * HOUR, Ship())),
        end=Expect((*WAITING, *booked("R1", "100.00")), (), (), (), "settled"),
    ),
    Scenario(
        name="prepayment: no payment id at first, then waiting for the transfer, then unlocked",
        rules=("P14", "P20", "P21"),
        order=Order(code="V", payment="none"),
        payment=PREPAID,
        script=((DAY, EnterPaymentId()), (2 * DAY, Receipt(100_00))),
        end=Expect((*locked("payment_id_missing"), *UNLOCKED), (), (2014,), (), "released"),
    ),
)

_PAYLATER = (
    Scenario(
        name="paylater: each parcel is taken and booked at once, no bank data, no new authorization",
        rules=("P25", "P26", "P38", "P30", "P31"),
        order=PAYLATER_ORDER,
        payment=PAYLATER,
        script=(
            (HOUR, Expect(erp=RELEASED, provider=())),
            (DAY, Ship((1,))),
            (DAY + HOUR, Expect(erp=(*RELEASED, *captured("R1", "60.00")), provider=("capture R1 60.00",))),
            (2 * DAY, Ship((2,))),
        ),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="paylater: standard mode changes nothing",
        rules=("P4", "P38"),
        setup=STANDARD,
        order=PAYLATER_ORDER,
        payment=PAYLATER,
        script=((HOUR, Expect(provider=())), (DAY, Ship())),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
    Scenario(
        name="paylater: the hold gets old, then it has lapsed when goods ship",
        rules=("P39", "P84", "P2", "P26", "P31"),
        order=PAYLATER_ORDER,
        payment=PAYLATER,
        script=(
            (13 * DAY, Expect(erp=RELEASED, problems=())),
            (15 * DAY, Expect(erp=(*RELEASED, "comment hold_aging"), mails=(), problems=("hold_aging",))),
            (20 * DAY, ExpireHold()),
            (21 * DAY, Ship()),
        ),
        lasts=5 * DAY,
        end=Expect(
            (*RELEASED, "comment hold_aging", "comment capture_failed authorization_expired"),
            (),
            (2039,),
            ("authorization_expired",),
            "shipping",
        ),
    ),
    Scenario(
        name="paylater: the charge of one parcel fails, only the other is booked",
        rules=("P38", "P31"),
        order=PAYLATER_ORDER,
        payment=PAYLATER,
        script=(
            (HOUR, Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, Ship((1,))),
            (2 * DAY, Ship((2,))),
        ),
        end=Expect(
            (*RELEASED, "comment capture_failed capture_failed", *captured("R2", "40.00")),
            ("capture R2 40.00",),
            (2035,),
            ("capture_failed",),
            "shipping",
        ),
    ),
)


def _through_the_night(season: Season, rules: tuple[str, ...]) -> tuple[Scenario, ...]:
    return (
        Scenario(
            name=f"night, {season}: an order that comes in at half past midnight waits for four o'clock",
            rules=rules,
            season=season,
            order=Order(imported_after=timedelta(hours=15, minutes=30)),
            script=((Wall(1, "03:59"), Expect(erp=(), provider=(), mails=())),),
            end=Expect(RELEASED, (), (), (), "released"),
        ),
        Scenario(
            name=f"night, {season}: money that comes at night is kept, the lock is lifted at four",
            rules=(*rules, "P21"),
            season=season,
            order=PREPAID_ORDER,
            payment=PREPAID,
            script=(
                (Wall(1, "01:30"), Receipt(100_00)),
                (Wall(1, "03:59"), Expect(erp=WAITING)),
                (Wall(1, "04:30"), Expect(erp=(*WAITING, *UNLOCKED), status="released")),
            ),
            end=Expect((*WAITING, *UNLOCKED), (), (), (), "released"),
        ),
    )


_NIGHT = (
    *_through_the_night(Season.PLAIN, ("P5",)),
    *_through_the_night(Season.SPRING, ("P5",)),
    *_through_the_night(Season.AUTUMN, ("P5",)),
    Scenario(
        name="night, autumn: the second half past two is still night",
        rules=("P5", "P21"),
        season=Season.AUTUMN,
        order=PREPAID_ORDER,
        payment=PREPAID,
        script=(
            (Wall(1, "02:30", fold=1), Receipt(100_00)),
            (Wall(1, "03:59"), Expect(erp=WAITING)),
        ),
        end=Expect((*WAITING, *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="night: goods that leave just before midnight are taken and booked after four",
        rules=("P5", "P30", "P40"),
        script=(
            (Wall(0, "23:50"), Arm(System.ERP, "book", How.LOST_REQUEST)),
            (Wall(0, "23:59:30"), Ship()),
            (Wall(1, "03:59"), Expect(erp=RELEASED, provider=("capture R1 100.00",), mails=())),
        ),
        end=Expect((*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), (), "settled"),
    ),
)

_MESSAGES = (
    Scenario(
        name="messages: every webhook ten times",
        rules=("P8", "P35"),
        webhooks=10,
        script=((HOUR, Webhook(10)), (DAY, Ship((1,))), (2 * DAY, Ship((2,))), (3 * DAY, Webhook(10))),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="messages: the provider calls before the order exists",
        rules=("P11", "P16"),
        setup=STANDARD,
        order=Order(imported_after=2 * HOUR),
        script=((HOUR, Webhook(3)),),
        end=Expect(TAKEN_AND_RELEASED, ("capture order 100.00",), (), (), "released"),
    ),
    Scenario(
        name="messages: the same picture ten times and an old one after newer ones",
        rules=("P8", "P35", "P31"),
        script=(
            (HOUR, RepeatPicture()),
            (DAY, Ship((1,))),
            (DAY + HOUR, RepeatPicture()),
            (DAY + HOUR, OldPicture()),
            (2 * DAY, Ship((2,))),
            (3 * DAY, OldPicture()),
            (3 * DAY, RepeatPicture()),
        ),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="messages: a shop says that the money has come, it is looked for",
        rules=("P21", "P29"),
        order=PREPAID_ORDER,
        payment=PREPAID,
        webhooks=0,
        script=(
            (DAY, Tell("payment_received", times=5)),
            (DAY + HOUR, Expect(erp=WAITING, status="waiting_transfer")),
            (DAY + HOUR, Receipt(100_00)),
            (DAY + 2 * HOUR, Tell("payment_received")),
        ),
        end=Expect((*WAITING, *UNLOCKED), (), (), (), "released"),
    ),
    Scenario(
        name="messages: the workflow is cancelled in Temporal and lives on",
        rules=("P35",),
        script=((HOUR, CancelWorkflow()), (DAY, Ship())),
        end=Expect(
            (*RELEASED, *captured("R1", "100.00")), ("capture R1 100.00",), (), ("workflow_cancelled",), "settled"
        ),
    ),
)

_ENDINGS = (
    Scenario(
        name="wish: cancelled before the release, the order is locked and never released",
        rules=("P11", "P1"),
        payment=Payment(state="pending"),
        script=(
            (HOUR, Tell("cancel")),
            (2 * HOUR, CompletePayment()),
            (3 * HOUR, Expect(erp=("comment payment_pending", "lock", "comment cancel_wished_locked"), provider=())),
            (DAY, CancelLines()),
        ),
        end=Expect(
            ("comment payment_pending", "lock", "comment cancel_wished_locked", "comment problem cancellation_by_hand"),
            (),
            (2050,),
            ("cancellation_by_hand",),
            "cancelled",
        ),
    ),
    Scenario(
        name="wish: cancelled after the release, the order is locked and a person goes on",
        rules=("P1",),
        script=((DAY, Tell("cancel", times=2)), (2 * DAY, CancelLines())),
        end=Expect(
            (*RELEASED, "lock", "comment cancel_wished_locked", "comment problem cancellation_by_hand"),
            (),
            (2050,),
            ("cancellation_by_hand",),
            "cancelled",
        ),
    ),
    Scenario(
        name="wish: after shipping a cancellation is refused",
        rules=("P35",),
        script=((DAY, Ship((1,))), (2 * DAY, Tell("cancel", refused="shipped")), (3 * DAY, Ship((2,)))),
        end=Expect(
            (*RELEASED, *captured("R1", "60.00"), *captured("R2", "40.00")),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="wish: the warehouse unlocks and ships in spite of it; the rest stays as the warehouse left it",
        rules=("P1", "P35"),
        script=(
            (DAY, Tell("cancel")),
            (DAY + HOUR, PersonUnlocks()),
            (DAY + 2 * HOUR, Ship((1,))),
            (2 * DAY, Ship((2,))),
        ),
        end=Expect(
            (
                *RELEASED,
                "lock",
                "comment cancel_wished_locked",
                *captured("R1", "60.00"),
                *captured("R2", "40.00"),
            ),
            ("capture R1 60.00", "capture R2 40.00"),
            (),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="end: a cancelled order whose money was taken is handed to a person",
        rules=("P2",),
        setup=STANDARD,
        script=((DAY, CancelLines()),),
        end=Expect(
            (*TAKEN_AND_RELEASED, "comment problem cancellation_by_hand"),
            ("capture order 100.00",),
            (2050,),
            ("cancellation_by_hand",),
            "cancelled",
        ),
    ),
    Scenario(
        name="end: cancelled before anything happened, and nothing is held",
        rules=("P14",),
        order=Order(imported_after=HOUR, status="STO"),
        payment=Payment(state="declined"),
        end=Expect((), (), (), (), "cancelled"),
    ),
    Scenario(
        name="end: a credit note is shown to a person once and nothing is refunded",
        rules=("P2",),
        script=((DAY, Ship()), (9 * DAY, CreditNote(30_00))),
        lasts=3 * DAY,
        end=Expect(
            (*RELEASED, *captured("R1", "100.00"), "comment problem credit_note_by_hand"),
            ("capture R1 100.00",),
            (2070,),
            ("credit_note_by_hand",),
            "settled",
        ),
    ),
    Scenario(
        name="end: a credit note on day 200 finds the order that was left alone long ago",
        rules=("P2", "P35"),
        script=((DAY, Ship()), (200 * DAY, CreditNote(30_00)), (201 * DAY, PersonSettles("G1"))),
        end=Expect(
            (*RELEASED, *captured("R1", "100.00"), "comment problem credit_note_by_hand"),
            ("capture R1 100.00",),
            (2070,),
            (),
            "settled",
        ),
    ),
    Scenario(
        name="end: goods that left and were settled elsewhere before the check passed are not paid for again",
        rules=("P16", "P31"),
        setup=STANDARD,
        script=(
            (timedelta(), Arm(System.PROVIDER, "capture", How.REFUSED)),
            (DAY, PersonUnlocks()),
            (DAY + HOUR, Ship()),
            (2 * DAY, PersonSettles("R1")),
            (3 * DAY, Tell("look_again")),
        ),
        end=Expect(
            (*locked("capture_failed"), "comment capture_unverified"),
            (),
            (2035, 2036),
            (),
            "settled",
        ),
    ),
)

SCENARIOS = (
    *_STANDARD,
    *_EXPERT,
    *_CHECKS,
    *_SCOPE,
    *_WAITING,
    *_PREPAYMENT,
    *_PAYLATER,
    *_NIGHT,
    *_MESSAGES,
    *_ENDINGS,
)
