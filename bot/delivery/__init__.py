"""What Trellis says and does on platforms, once and in order."""
