"""`python -m sandboxes.paygate --port N --host H --state FILE`."""

from sandboxes.kit.serving import serve
from sandboxes.paygate.app import make_app

if __name__ == "__main__":
    serve(make_app, default_port=8705, prog="python -m sandboxes.paygate")
