"""With a state file everything survives a restart, also a hard one."""

from pathlib import Path

import httpx

from tests.sandboxes.pixi.access import Access
from tests.support.sandbox_process import start_sandbox


def test_restart(tmp_path: Path, http: httpx.Client) -> None:
    """After a kill the same file brings back settings, clock, orders, documents, effects, violations, numbers."""
    state = tmp_path / "pixi.sqlite"
    first = start_sandbox("sandboxes.pixi", state=state)
    before = Access(first.url, "KEEP", http)
    before.settings(credit_sign="negative")
    before.clock("2026-01-15T00:30:00+00:00")
    nr, invoice = before.shipped()
    before.call("pixiCreateOrderComment", OrderNr=nr, Comment="kept")
    before.call("pixiSetOrderShippingLock", OrderNr=nr)
    before.hook(f"/orders/{nr}/comment", {"text": "kept too"})  # the last change comes by a hook
    shown, effects = before.show(nr), before.effects()
    assert [one["text"] for one in shown["comments"]] == ["kept", "kept too"]
    violations = before.hook("/violations", method="GET")
    gone = Access(first.url, "GONE", http)
    gone.settings()
    gone.hook("", method="DELETE")
    first.kill()

    second = start_sandbox("sandboxes.pixi", state=state)
    after = Access(second.url, "KEEP", http)
    try:
        assert http.get(f"{second.url}/control/accounts").json() == ["KEEP"]
        assert (after.show(nr), after.effects()) == (shown, effects)
        assert after.hook("/violations", method="GET") == violations
        assert len(violations) == 2
        assert after.hook("/clock", method="GET")["now"] == "2026-01-15T00:30:00+00:00"
        assert after.hook("", method="GET")["credit_sign"] == "negative"
        assert after.order() == nr + 1
        assert after.call("pixiGetOrderHeader", OrderNrExternal=f"W{nr}").row["OrderNr"] == str(nr)
        assert after.call("pixiCAGetInvoiceMatch", InvoiceNr=invoice).status == 200
        assert after.show(nr)["invoices"][0]["balance_minor"] == -6987
    finally:
        second.stop()


def test_settings_keep_orders(pixi: Access) -> None:
    """Changing the settings of an account leaves its orders alone; deleting it does not."""
    nr = pixi.order()
    pixi.settings(profile="LOU46")
    assert pixi.show(nr)["order_nr"] == nr
    pixi.hook("", method="DELETE")
    assert pixi.try_hook(f"/orders/{nr}", method="GET").status_code == 404
    pixi.settings()
    assert pixi.hook("/orders", method="GET") == []
