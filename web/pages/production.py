"""In production the order list is not served: it has no sign-in."""

from fastapi import APIRouter

from web.edge.errors import ApiError

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/ui/{rest:path}")
async def refused(rest: str = "") -> None:
    raise ApiError(
        404,
        "no_pages_in_production",
        "The order list has no sign-in and is therefore not served in production.",
        "Use the API (/docs) or the Temporal UI; a dashboard with sign-in will take this place.",
    )
