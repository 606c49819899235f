"""Paygate's pages for merchants: capture, reverse, cancelauth, credit, inquire, as encrypted forms, and batch files.

An integration that speaks to Paygate changes the address of these calls and nothing else. First authorizations stay
with the provider. What is asked for goes the way of `web.authorizations`, like everything else.
"""
