"""Stand-ins for the outside systems: servers of their own that import nothing of Holdfast.

Each sandbox hosts several *accounts* that share nothing: an account has its own clock, faults, request
log, effects and state, so that tests and simulated lives run side by side against one process.
"""
