"""The Stripe adapter against the running sandbox."""
