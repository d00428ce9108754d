"""Cases of one area."""
