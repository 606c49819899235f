"""Stripe: holds on cards that the engine authorizes again, captures, gives up and refunds.

`client.py` owns the official library, `failures.py` says what its exceptions mean, `intent.py` reads its answers,
`bodies.py` writes its requests, `mapping.py` turns its decline codes into our classes, one file per operation does it
once. No object, exception or word of the library leaves this package.
"""
