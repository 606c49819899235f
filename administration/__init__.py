"""Setting up a merchant: tenants, ERP connections, configurations, mail, folders, terms. What pages, API and command
share.

Services over ports: nothing here knows SQL, HTTP, SOAP or Temporal. They decide what may be saved, in which order, and
what the person who saves should know; adapters find things out, storage keeps them.
"""

from administration.authorization_terms import AgreedTerms
from administration.checking import SetupChecks
from administration.configurations import Configurations
from administration.connections import Connections
from administration.file_drops import FileDropAccounts
from administration.hold_accounts import HoldAccounts
from administration.mail import MailAccounts
from administration.ports import Ports
from administration.refusals import Refused
from administration.tenants import Tenants


class Administration:
    """The services of one Holdfast; safe to share between threads when the ports are."""

    def __init__(self, ports: Ports) -> None:
        self.tenants = Tenants(ports)
        self.connections = Connections(ports)
        self.configurations = Configurations(ports, self.connections)
        self.mail = MailAccounts(ports)
        self.file_drops = FileDropAccounts(ports)
        self.hold_accounts = HoldAccounts(ports)
        self.terms = AgreedTerms(ports)
        self.checks = SetupChecks(ports, self.connections)


__all__ = ["Administration", "Ports", "Refused"]
