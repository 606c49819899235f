"""Tables of the interface by encrypted forms."""

from sqlalchemy import Column, Index, Named, Table, TypedColumns

from storage.tables.base import metadata


class FormAccessColumns(TypedColumns):
    """Under which MerchantID forms come for a provider account, and with which passwords. `secret_ref` names them."""

    merchant_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    account: Named[str]
    cipher: Named[str]
    secret_ref: Named[str]


form_access = Table("form_access", metadata, FormAccessColumns)
Index(None, form_access.c.account)
