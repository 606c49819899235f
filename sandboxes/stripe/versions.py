"""The version of the API that this sandbox plays."""

VERSION = "2026-10-28.endive"
