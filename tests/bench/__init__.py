"""How fast the server is, against the least that could be done: `make bench`."""
