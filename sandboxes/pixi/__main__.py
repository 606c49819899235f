"""`python -m sandboxes.pixi --port N --host H --state FILE`."""

from sandboxes.kit.serving import serve
from sandboxes.pixi.app import make_app

if __name__ == "__main__":
    serve(make_app, default_port=8701, prog="python -m sandboxes.pixi")
