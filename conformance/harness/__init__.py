"""Runs the conformance test harness of the Solid community against a server, and says what came of it.

The harness and its tests are not ours and not here; docs/operate/conformance.md says how to get them.
"""
