"""One card authorization from its first hold to the last capture: renewal, split, stop and hope run.

Pure decisions, as for orders: `state.evolve` says what is known after a fact, `decide.decide` what is due now. The
providers behind it differ, the rules do not.
"""
