"""Tells subscribers what changed: one reader of the log, and a way of delivery for each kind of channel."""
