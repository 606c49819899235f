"""`python -m sandboxes.mailbox --port HTTP --smtp-port SMTP --host H --state FILE`."""

from sandboxes.mailbox.serving import main

if __name__ == "__main__":
    main()
