"""Pictures to hand over."""

from __future__ import annotations

import struct
import zlib


def picture_of(data: bytes) -> bytes:
    """Return what is a whole PNG by its parts, with such data; nothing that can be drawn."""
    chunks = ((b"IDAT", data), (b"IEND", b""))
    parts = (struct.pack(">I", len(told)) + name + told + _check(name + told) for name, told in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _check(told: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(told))
