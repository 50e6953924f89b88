"""Draws charts as PNG pictures: numbers and members' own words, so that a picture needs no translation.

A picture has a light ground of its own, which reads the same on a dark and on a light page. Colours are those of Okabe
and Ito, and nothing is told by colour alone: every bar has its number, and a row that leads is bold.
"""

from __future__ import annotations

import io
from functools import lru_cache

import regex
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import FancyBboxPatch, Rectangle

from adapters.contract.charts import Bar, Chart, ChartRow, Scale
from adapters.contract.text import clip

GROUND, INK, FAINT, TRACK = "#fbfaf7", "#1f2328", "#59636e", "#e8e6df"
LEADING, OTHERS = "#0072B2", "#56B4E9"
STEP_COLOURS = ("#D55E00", "#E69F00", "#F0E442", "#56B4E9", "#0072B2")
"""For the steps of a scale: the lowest first, lightest in the middle."""

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
"""Of a picture, of one of its rows and of a column, in inches."""
LEFT, BEHIND = 0.3, 1.9
"""What stands before a bar that has the row to itself, and what is left for it and its note, in inches."""


def draw(chart: Chart) -> bytes:
    """Return a PNG of a chart. It computes for a tenth of a second or so: call it in a thread."""
    columns = len(chart.rows[0].cells)
    width = max(WIDTH, 0.5 + NARROWEST * columns)
    figure = Figure(figsize=(width, len(chart.rows) * ROW + 0.5), dpi=150, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(len(chart.rows) * ROW + 0.25, -0.25)
    for number, row in enumerate(chart.rows):
        top = number * ROW
        _write(axes, LEFT, top + 0.15, drawable(row.label), bold=row.leads)
        if columns == 1:
            _whole_row(axes, top + 0.27, row, width)
        else:
            _columns(axes, top + 0.27, row, width)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=GROUND)
    return picture.getvalue()


def _whole_row(axes: Axes, y: float, row: ChartRow, width: float) -> None:
    """Draw the one cell of a row, with its note behind."""
    match row.cells[0]:
        case Bar(share, note):
            _bar(axes, LEFT, y, width - BEHIND, share, strong=row.leads)
            _write(axes, width - 1.5, y + 0.075, note, bold=row.leads)
        case Scale(counts, note):
            _scale(axes, LEFT, y, width - BEHIND, counts)
            _write(axes, width - 1.5, y + 0.075, note)
        case None:
            _write(axes, LEFT, y + 0.075, "–", ink=FAINT, size=8)


def _columns(axes: Axes, y: float, row: ChartRow, width: float) -> None:
    """Draw the cells of a row side by side, each with its note behind where there is room for a bar before it."""
    column = (width - 0.5) / len(row.cells)
    length = column - 0.62
    for number, cell in enumerate(row.cells):
        x = LEFT + number * column
        if cell is None:
            _write(axes, x, y + 0.075, "–", ink=FAINT, size=8)
            continue
        if length > 0.3 and isinstance(cell, Bar):
            _bar(axes, x, y, length, cell.share, strong=row.leads and number == len(row.cells) - 1)
            x += length + 0.08
        elif length > 0.3 and isinstance(cell, Scale):
            _scale(axes, x, y, length, cell.counts)
            x += length + 0.08
        _write(axes, x, y + 0.075, cell.note, size=8, bold=row.leads)


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


def _bar(axes: Axes, x: float, y: float, length: float, share: float, *, strong: bool) -> None:
    _box(axes, x, y, length, TRACK)
    if share:
        _box(axes, x, y, max(length * share, 0.05), LEADING if strong else OTHERS)


def _box(axes: Axes, x: float, y: float, length: float, colour: str, height: float = 0.15) -> None:
    style = f"round,pad=0,rounding_size={min(0.04, length / 2)}"
    axes.add_patch(FancyBboxPatch((x, y), length, height, boxstyle=style, facecolor=colour, linewidth=0))


def _scale(axes: Axes, x: float, y: float, length: float, counts: tuple[int, ...]) -> None:
    """Draw how often each step of a scale was chosen, the lowest on the left."""
    chosen = sum(counts)
    _box(axes, x, y, length, TRACK)
    for step, times in enumerate(counts):
        part = length * times / chosen if chosen else 0.0
        if not part:
            continue
        colour = STEP_COLOURS[round(step * (len(STEP_COLOURS) - 1) / max(len(counts) - 1, 1))]
        axes.add_patch(Rectangle((x, y), part, 0.15, facecolor=colour, edgecolor=GROUND))
        if part > 0.5:
            ink = GROUND if colour in (STEP_COLOURS[0], STEP_COLOURS[-1]) else INK
            _write(axes, x + part / 2, y + 0.08, f"{step + 1}: {times}", ink=ink, size=6.5, align="center")
        x += part


def drawable(label: str) -> str:
    """Return as much of some words as there are letters for here; "…" where there are none. A card's text has all."""
    known = [word for word in _EMOJI.sub(" ", label).split() if all(ord(letter) in _letters() for letter in word)]
    return " ".join(known) or "…"


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
