"""A stand-in for the unzer payment API: the REST behaviour, the notifications and the awkward moments."""
