"""The table of what merchants agree on for their authorizations."""

from datetime import datetime

from sqlalchemy import Column, Index, Named, Table, Text, TypedColumns

from storage.tables.base import UtcDateTime, metadata


class AuthorizationTermsColumns(TypedColumns):
    """One version of the terms of a provider account; the highest one holds. Only added to.

    `open_authorizations`: how many were open when it was agreed on. `confirmation`: what has become of the mail that
    confirms it (`domain.authorization.terms_change.Confirmation`).
    """

    tenant: Named[str] = Column(primary_key=True)
    account: Named[str] = Column(primary_key=True)
    version: Named[int] = Column(primary_key=True, autoincrement=False)
    terms: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(UtcDateTime)
    created_by: Named[str]
    open_authorizations: Named[int]
    confirmation: Named[str]
    confirmed_at: Named[datetime | None] = Column(UtcDateTime)


authorization_terms = Table("authorization_terms", metadata, AuthorizationTermsColumns)
Index(None, authorization_terms.c.confirmation, authorization_terms.c.tenant, authorization_terms.c.account)
