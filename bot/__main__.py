"""`python -m bot` is `trellis`."""

from .cli import app

app(prog_name="trellis")
