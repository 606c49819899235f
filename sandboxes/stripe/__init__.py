"""A stand-in for Stripe's API: holds on cards, captures, refunds, customers, on the clock of each account."""
