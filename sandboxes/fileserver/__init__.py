"""A file server for failure files and batch files: real SFTP and plain FTP over the same home folders."""
