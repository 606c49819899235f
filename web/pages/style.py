"""The style sheet and the icon of all pages."""

from fastapi import APIRouter
from starlette.responses import Response

from web.pages.rendering import HERE

router = APIRouter(include_in_schema=False)

_CSS = (HERE / "style.css").read_text(encoding="utf-8")
_ICON = (HERE / "icon.svg").read_text(encoding="utf-8")
_KEPT = {"Cache-Control": "max-age=300"}


@router.get("/ui/style.css")
async def style() -> Response:
    return Response(_CSS, media_type="text/css", headers=_KEPT)


@router.get("/ui/icon.svg")
async def icon() -> Response:
    return Response(_ICON, media_type="image/svg+xml", headers=_KEPT)
