"""The room in which ideas are heard, decided on, and told of."""
