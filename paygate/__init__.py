"""The formats of Computop's Paygate: messages, batch files, failure files.

Shared by the side that sends requests (an adapter) and the side that answers them (the merchants' interface). Pure:
text and bytes in, values out, no clock, no file, no network. It knows nothing of the house; amounts are plain integers
in minor units, days are plain dates (local days, Europe/Berlin).
"""
