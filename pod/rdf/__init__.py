"""Graphs, formats, negotiation and edits: all that knows RDF. Pure; the only user of pyoxigraph."""
