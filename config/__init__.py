"""What admins set. Only the top of the house reads it."""
