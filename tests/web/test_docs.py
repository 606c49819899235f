"""The description of the API, as document and as page."""

from httpx import AsyncClient

from tests.web.world import World

PROTECTED = ("/orders", "/authorizations", "/forecast", "/operations", "/failure-files", "/batches", "/setup")


async def test_the_page_describes_every_address(world: World, anyone: AsyncClient) -> None:
    """Rendered here, so that it works offline; each address with an example for the command line."""
    document = (await anyone.get("/openapi.json")).json()
    page = (await anyone.get("/docs")).text
    assert len(document["paths"]) >= 11
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page
        assert f"&#39;http://starter{path}&#39;" in page
    assert "orders:write" in page


async def test_the_document_names_tokens_and_errors(anyone: AsyncClient) -> None:
    """Every address of a shop needs the token and tells its errors in the one shape."""
    document = (await anyone.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        for operation in item.values():
            protected = path.startswith(PROTECTED)
            assert bool(operation.get("security")) == protected
            if protected:
                shape = operation["responses"]["401"]["content"]["application/json"]["schema"]["$ref"]
                assert shape.endswith("/ErrorBody")


async def test_the_document_hides_what_is_no_api(anyone: AsyncClient) -> None:
    """Pages and the queues of the simulation stand in no document."""
    document = (await anyone.get("/openapi.json")).json()
    assert not [path for path in document["paths"] if path.startswith(("/ui", "/internal"))]
