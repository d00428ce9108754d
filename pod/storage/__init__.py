"""Where things are kept. From above only `ports`, and the functions that open a backend, are used."""
