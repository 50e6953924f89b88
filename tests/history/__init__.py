"""History: what exports tell is read, and written once."""
