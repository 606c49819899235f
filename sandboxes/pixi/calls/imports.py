"""The import log: what the shop sent."""

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import same
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure
from sandboxes.pixi.soap.types import DATETIME, INT, MAX, varchar


def _find(account: PixiAccount, args: Args) -> Answer:
    if args.nulled("Type") or args.nulled("Id"):
        return Answer(rows=[])
    return Answer(
        rows=[
            {
                "Error": one.error,
                "Status": one.status,
                "Request": one.request or None,
                "Response": one.response or None,
                "XMLLogKey": one.key,
                "CreateDate": one.created_at,
                "UpdateDate": one.updated_at,
                "XmlResponseCastErrorNr": 0,
            }
            for one in account.state.imports
            if same(args.text("Type"), one.type) and same(args.text("Id"), one.id)
        ]
    )


CALLS = (
    Procedure(
        "pixiImportFindXML",
        (
            Param("Type", varchar(10), required=True),
            Param("Id", varchar(50), required=True),
            Param("Channel", INT),
        ),
        (
            Column("Error", varchar(8000)),
            Column("Status", varchar(3)),
            Column("Request", MAX),
            Column("Response", MAX),
            Column("XMLLogKey", INT),
            Column("CreateDate", DATETIME),
            Column("UpdateDate", DATETIME),
            Column("XmlResponseCastErrorNr", INT),
        ),
        _find,
    ),
)
