"""Pictures that members hand over, without what was noted in them: where and when, and with whose camera.

Nothing is decoded. A file is walked through by its parts, and those stay from which the picture is drawn: by ITU-T T.81
for JPEG (and Exif 2.32 for how it is turned), by the PNG specification (third edition), and by GIF89a.
"""

from __future__ import annotations

import re
import struct

_FRAMES = {"acTL", "fcTL", "fdAT"}
_COLOURS = {"tRNS", "cHRM", "cICP", "gAMA", "iCCP", "mDCV", "cLLI", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT"}
_PROGRAMS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
"""What GIFs are told by to go round and round."""
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""In the data of a JPEG: what is neither a byte of 255 there nor a mark to begin again at."""
_TURNED = 0x0112


def without_notes(kind: str, content: bytes) -> bytes | None:
    """Return a picture of a kind of `adapters.contract.files.PICTURES` as it is drawn; None where it is not whole."""
    try:
        return {"jpg": _jpeg, "png": _png, "gif": _gif}[kind](content)
    except (IndexError, struct.error):
        return None


def _jpeg(content: bytes) -> bytes:
    kept, at, turned = [content[:2]], 2, 1
    while True:
        marker = _at(content, at, 2)[1]
        if marker == 0xFF:  # as many as one likes stand before a marker
            at += 1
            continue
        if marker == 0xD9:
            kept.append(content[at : at + 2])
            break
        (length,) = struct.unpack_from(">H", content, at + 2)
        part = _at(content, at, 2 + length)
        at += len(part)
        if part[4:10] == b"Exif\0\0":
            turned = _how_turned(part[10:])
        elif _is_drawn(marker, part[4:]):
            kept.append(part)
        if marker == 0xDA:
            found = _NEXT_MARKER.search(content, at)
            end = found.end() - 2 if found else len(content)
            kept.append(content[at:end])
            at = end
            if not found:  # some cameras leave the end out
                break
    if turned != 1:
        kept.insert(1, _turn(turned))
    return b"".join(kept)


def _is_drawn(marker: int, told: bytes) -> bool:
    """Say whether a segment counts for the picture: of an application's own, only colours and the plain beginning."""
    if marker == 0xFE or 0xE0 <= marker <= 0xEF:
        return told.startswith((b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"))
    return True


def _how_turned(tiff: bytes) -> int:
    """Return how a picture is to be turned before it is shown: 1 is as it is, up to 8."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for number in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if (tag, kind) == (_TURNED, 3) and 1 <= value <= 8:
                return int(value)
    except (KeyError, struct.error):
        pass
    return 1


def _turn(turned: int) -> bytes:
    """Return the segment that says nothing but how a picture is to be turned."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _TURNED, 3, 1, turned, 0, 0)
    return struct.pack(">HH", 0xFFE1, 8 + len(tiff)) + b"Exif\0\0" + tiff


def _png(content: bytes) -> bytes:
    kept, at, name = [content[:8]], 8, ""
    while name != "IEND":
        (length,) = struct.unpack_from(">I", content, at)
        chunk = _at(content, at, 12 + length)
        name = chunk[4:8].decode("latin-1")
        if name[0].isupper() or name in _FRAMES | _COLOURS:
            kept.append(chunk)
        at += len(chunk)
    return b"".join(kept)


def _gif(content: bytes) -> bytes:
    at = 13 + _colours(_at(content, 0, 13)[10])
    kept = [_at(content, 0, at)]
    while (block := content[at]) != 0x3B:
        begins = at
        if block == 0x2C:
            at = _end_of_blocks(content, at + 11 + _colours(content[at + 9]))
            kept.append(content[begins:at])
        elif block == 0x21:
            at = _end_of_blocks(content, at + 2)
            label = content[begins + 1]
            if label in (0x01, 0xF9) or (label == 0xFF and content[begins + 3 : begins + 14] in _PROGRAMS):
                kept.append(content[begins:at])
        else:
            raise IndexError
    return b"".join((*kept, b"\x3b"))


def _colours(flags: int) -> int:
    """Return how many bytes a table of colours takes."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _end_of_blocks(content: bytes, at: int) -> int:
    """Return where a row of blocks ends: each begins with its length, and the last has none."""
    while length := content[at]:
        at += 1 + length
    return at + 1


def _at(content: bytes, at: int, length: int) -> bytes:
    """Return a part. Raises `IndexError` where it is not whole."""
    part = content[at : at + length]
    if len(part) < length or not length:
        raise IndexError
    return part
