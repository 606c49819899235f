"""What every sandbox has in common: account clocks, armed faults, the request log, control routes, persistence."""
