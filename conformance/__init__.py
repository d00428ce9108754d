"""Looks at any Solid server from the outside, and says what it does of what the specifications ask.

It knows nothing of the server but what HTTP shows, and imports nothing of one.
"""
