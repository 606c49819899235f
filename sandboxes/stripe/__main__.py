"""`python -m sandboxes.stripe --port N --host H --state FILE`."""

from sandboxes.kit.serving import serve
from sandboxes.stripe.app import make_app

if __name__ == "__main__":
    serve(make_app, default_port=8704, prog="python -m sandboxes.stripe")
