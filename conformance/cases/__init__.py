"""The cases, one package for each area."""
