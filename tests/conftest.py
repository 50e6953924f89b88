"""What every test may use."""

from hypothesis import settings

settings.register_profile("soak", max_examples=10_000, deadline=None, print_blob=True)
"""For a night of its own: `pytest --hypothesis-profile=soak`."""
