"""Mails to the merchant: written from problems, handed over by SMTP."""

from adapters.mail.adapter import SmtpNotifier
from adapters.mail.settings import MailSettings

__all__ = ["MailSettings", "SmtpNotifier"]
