"""The commands `holdfast setup …`: tenants, ERP connections, configurations, mail, terms, the folder for failure files.

They say and refuse what the API says and refuses. Secrets come from a prompt, standard input or the environment, never
from the command line, where every process on the machine could read them. Exit codes: 0 done, 1 refused, 2 wrong usage,
3 not now, try again later.
"""

import typer

from cli.setup import accounts, configurations, connections, file_drop, form_access, mail, tenants, terms

setup = typer.Typer(no_args_is_help=True, help="Set up merchants: tenants, connections, configurations, mail, folder.")
setup.add_typer(tenants.commands, name="tenant")
setup.add_typer(connections.commands, name="connection")
setup.add_typer(configurations.commands, name="configuration")
setup.add_typer(mail.commands, name="mail")
setup.add_typer(file_drop.commands, name="file-drop")
setup.add_typer(accounts.commands, name="account")
setup.add_typer(terms.commands, name="terms")
setup.add_typer(form_access.commands, name="form-access")
