"""Pictures are kept as they look, and without what was noted in them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from bot.kernel.pictures import without_notes

SECRET = "52.5200 N 13.4050 E"
FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF"}


def drawn(number: int = 0) -> Image.Image:
    """A picture of which no part looks like another."""
    image = Image.new("RGB", (48, 32))
    image.putdata([(x * 5 % 256, y * 7 % 256, (x + y + 60 * number) * 3 % 256) for y in range(32) for x in range(48)])
    return image


def exif(turned: int = 1) -> Image.Exif:
    """What a camera notes."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F], notes[0x9003] = turned, "A camera", "2026:03:02 10:00:00"
    notes.get_ifd(0x8825)[0x001D] = SECRET
    return notes


def saved(kind: str, image: Image.Image | None = None, **more: Any) -> bytes:
    file = io.BytesIO()
    (image or drawn()).save(file, FORMATS[kind], **more)
    return file.getvalue()


def noted() -> dict[str, bytes]:
    """One of each kind, with notes wherever it can have some."""
    words = PngInfo()
    words.add_text("Comment", SECRET)
    words.add_itxt("XML:com.adobe.xmp", SECRET)
    words.add_text("Where", SECRET, zip=True)
    more: dict[str, Any] = {"icc_profile": b"colours", "exif": exif()}
    return {
        "jpg": saved("jpg", comment=SECRET, xmp=SECRET.encode(), quality=95, **more) + SECRET.encode(),
        "progressive.jpg": saved("jpg", progressive=True, comment=SECRET, **more),
        "png": saved("png", pnginfo=words, **more) + SECRET.encode(),
        "gif": saved("gif", save_all=True, append_images=[drawn(1), drawn(2)], loop=0, duration=90, comment=SECRET),
    }


NOTED = noted()


@pytest.mark.parametrize("name, content", NOTED.items())
def test_it_looks_as_before_and_tells_nothing_else(name: str, content: bytes) -> None:
    kept = without_notes(name.rpartition(".")[2], content)
    assert kept and SECRET.encode() in content and SECRET.encode() not in kept
    before, after = Image.open(io.BytesIO(content)), Image.open(io.BytesIO(kept))
    assert not after.getexif() and "comment" not in after.info and "xmp" not in after.info
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    for frame in range(getattr(before, "n_frames", 1)):
        before.seek(frame)
        after.seek(frame)
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
    for fact in ("icc_profile", "loop", "duration"):
        assert after.info.get(fact) == before.info.get(fact)


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_stands_as_it_was_held(turned: int) -> None:
    content = saved("jpg", exif=exif(turned), quality=95)
    kept = without_notes("jpg", content)
    assert kept
    before, after = (ImageOps.exif_transpose(Image.open(io.BytesIO(one))) for one in (content, kept))
    assert after.tobytes() == before.tobytes()
    assert {*Image.open(io.BytesIO(kept)).getexif()} <= {0x0112}


@pytest.mark.parametrize("name, content", NOTED.items())
def test_half_a_picture_is_none(name: str, content: bytes) -> None:
    assert without_notes(name.rpartition(".")[2], content[: len(content) // 8]) is None


@given(kind=st.sampled_from([*FORMATS]), cut=st.integers(0, 200), noise=st.binary(max_size=60))
def test_whatever_comes_is_a_picture_or_none(kind: str, cut: int, noise: bytes) -> None:
    content = NOTED[kind]
    found = without_notes(kind, content[:cut] + noise + content[cut:])
    assert found is None or isinstance(found, bytes)
