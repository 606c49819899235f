"""What every HTTP route shares: limits, paths, headers, the shape of errors, one log line per request."""

from web.edge import paths as paths  # registers how parts of paths are read, before any route names them
