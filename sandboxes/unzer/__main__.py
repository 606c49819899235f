"""`python -m sandboxes.unzer --port N --host H --state FILE`."""

from sandboxes.kit.serving import serve
from sandboxes.unzer.app import make_app

if __name__ == "__main__":
    serve(make_app, default_port=8702, prog="python -m sandboxes.unzer")
