"""A stand-in for Computop Paygate: encrypted form requests, card holds that lapse, last-action reversals."""
