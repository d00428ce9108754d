"""Requests in, responses out: the only layer that knows HTTP."""
