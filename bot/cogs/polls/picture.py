"""A poll's result as a picture: numbers and the options' own words, so that it needs no translation.

It has a light ground of its own, which reads the same on a dark and on a light page. Colours are those of Okabe and
Ito, and nothing is told by colour alone: every bar has its number, and whoever is in front a bold one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import regex
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import FancyBboxPatch, Rectangle

from adapters.contract.text import clip
from storage.polls import Kind

from .counting import MARKS, Result

GROUND, INK, FAINT, TRACK = "#fbfaf7", "#1f2328", "#59636e", "#e8e6df"
FIRST, OTHERS = "#0072B2", "#56B4E9"
MARK_COLOURS = ("#D55E00", "#E69F00", "#F0E442", "#56B4E9", "#0072B2")
"""For the marks 1 to 5, in the order of their lightness from both ends."""

FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Noto Sans JP",
    "WenQuanYi Zen Hei",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans",
    "Unifont",
)
"""The first ones that are installed, and have the letter, draw it."""

_EMOJI = regex.compile(
    r"\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0e\ufe0f\u20e3]"
)
MARGIN = 20
"""Between words and the right edge, in pixels."""
WIDTH, ROW, NARROWEST = 7.2, 0.52, 0.5
"""Of a picture, of an option in it and of a round, in inches."""


def draw(result: Result, labels: Sequence[str]) -> bytes:
    """Return a PNG of a result. It takes a moment of computing, so call it in a thread of its own."""
    width = max(WIDTH, 0.5 + NARROWEST * len(result.rounds))
    figure = Figure(figsize=(width, len(labels) * ROW + 0.5), dpi=150, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(len(labels) * ROW + 0.25, -0.25)
    for row, position in enumerate(result.order):
        top = row * ROW
        is_first = len(result.first) == 1 and position in result.first
        _write(axes, 0.3, top + 0.15, drawable(labels[position], position), bold=is_first)
        if result.kind is Kind.RATING:
            _marks(axes, top + 0.27, result, position)
        elif result.kind is Kind.RANKED:
            _rounds(axes, top + 0.27, result, position, width, is_first=is_first)
        else:
            note = f"{result.counts[position]} · {result.share(position):.0%}"
            _bar(axes, 0.3, top + 0.27, width - 1.9, result.share(position), is_first=is_first)
            _write(axes, width - 1.5, top + 0.345, note, bold=is_first)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=GROUND)
    return picture.getvalue()


def _write(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    *,
    bold: bool = False,
    ink: str = INK,
    size: float = 9.5,
    align: str = "left",
) -> None:
    written = axes.text(
        x,
        y,
        words,
        fontsize=size,
        color=ink,
        ha=align,
        va="center",
        fontweight="bold" if bold else "normal",
        fontfamily=_families(),
        parse_math=False,
    )
    room = axes.figure.bbox.width * (1 - x / axes.get_xlim()[1]) - MARGIN
    while align == "left" and (width := written.get_window_extent().width) > room and len(words) > 1:
        words = clip(words, max(1, min(len(words) - 1, int(len(words) * room / width))))
        written.set_text(words)


def _bar(axes: Axes, x: float, y: float, length: float, share: float, *, is_first: bool) -> None:
    _box(axes, x, y, length, TRACK)
    if share:
        _box(axes, x, y, max(length * share, 0.05), FIRST if is_first else OTHERS)


def _box(axes: Axes, x: float, y: float, length: float, colour: str, height: float = 0.15) -> None:
    style = f"round,pad=0,rounding_size={min(0.04, length / 2)}"
    axes.add_patch(FancyBboxPatch((x, y), length, height, boxstyle=style, facecolor=colour, linewidth=0))


def _marks(axes: Axes, y: float, result: Result, position: int) -> None:
    """Draw how often each mark was given, the worst on the left, with the mean behind."""
    given, x, length = result.counts[position], 0.3, WIDTH - 1.9
    _box(axes, x, y, length, TRACK)
    for mark, count in enumerate(result.marks[position], 1):
        part = length * count / given if given else 0.0
        if not part:
            continue
        axes.add_patch(Rectangle((x, y), part, 0.15, facecolor=MARK_COLOURS[mark - 1], edgecolor=GROUND))
        if part > 0.5:
            ink = GROUND if mark in (1, MARKS) else INK
            _write(axes, x + part / 2, y + 0.08, f"{mark}: {count}", ink=ink, size=6.5, align="center")
        x += part
    mean = f"{result.mean(position):.1f} / {MARKS}" if given else "–"
    _write(axes, WIDTH - 1.5, y + 0.075, f"{mean} · {given}")


def _rounds(axes: Axes, y: float, result: Result, position: int, width: float, *, is_first: bool) -> None:
    """Draw what an option had in each round, from left to right, until it left."""
    column = (width - 0.5) / len(result.rounds)
    for number, round_ in enumerate(result.rounds):
        if position not in round_.counts:
            _write(axes, 0.3 + number * column, y + 0.075, "–", ink=FAINT, size=8)
            continue
        base = sum(round_.counts.values())
        share = round_.counts[position] / base if base else 0.0
        x, length = 0.3 + number * column, column - 0.62
        if length > 0.3:
            _bar(axes, x, y, length, share, is_first=is_first and number == len(result.rounds) - 1)
            x += length + 0.08
        _write(axes, x, y + 0.075, str(round_.counts[position]), size=8, bold=is_first)


def drawable(label: str, position: int) -> str:
    """Return an option's number and as much of its words as there are letters for here; the text has them all."""
    words = _EMOJI.sub(" ", label).split()
    known = [word for word in words if all(ord(letter) in _letters() for letter in word)]
    return f"{position + 1}. {' '.join(known)}".strip()


@lru_cache
def _families() -> list[str]:
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in installed]


@lru_cache
def _letters() -> frozenset[int]:
    """Return every character that one of the fonts can draw, in both weights."""
    letters: set[int] = set()
    for name in _families():
        faces = [
            set(FT2Font(font_manager.findfont(font_manager.FontProperties(family=[name], weight=weight))).get_charmap())
            for weight in ("normal", "bold")
        ]
        letters |= faces[0] & faces[1]
    return frozenset(letters)
