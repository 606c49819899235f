"""`python -m sandboxes.fileserver --port N --host H --state FILE --sftp-port N --ftp-port N`."""

from sandboxes.fileserver.serving import main

if __name__ == "__main__":
    main()
