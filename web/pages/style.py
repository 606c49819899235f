"""The one style sheet of all pages."""

from fastapi import APIRouter
from starlette.responses import Response

from web.pages.rendering import HERE

router = APIRouter(include_in_schema=False)

_CSS = (HERE / "style.css").read_text(encoding="utf-8")


@router.get("/ui/style.css")
async def style() -> Response:
    return Response(_CSS, media_type="text/css", headers={"Cache-Control": "max-age=300"})
