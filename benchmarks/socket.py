"""Trellis on Slack beside a bare Bolt app, both over the same loopback server in Socket Mode, in the same run.

    python -m benchmarks.socket [--rounds 3]

The real `python -m bot run` is a process of its own, on SQLite, and so is the bare app (benchmarks/bare_slack.py). They
take turns; each figure is the median of its rounds, and what counts are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio

from .drive import CHATTER, COMMANDS, Figures, compare
from .fake_slack import FakeSlack
from .process import Measured, quiet
from .report import Row, ms, print_table


def rows(bare: Figures, ours: Figures) -> list[Row]:
    """Return the table, with the goals of docs/performance.md."""
    return [
        Row("chatter, CPU against bare Bolt", f"{ours.chatter / bare.chatter:.2f}", "<= 1.2"),
        Row("no-op command at 50/s, CPU against bare Bolt", f"{ours.command / bare.command:.1f}"),
        Row(
            "no-op command at 50/s, p50 / p99, people known",
            f"{ms(ours.half)} / {ms(ours.nearly_all)} ms (bare {ms(bare.half)} / {ms(bare.nearly_all)})",
        ),
        Row("the same, p99, everyone new", f"{ms(ours.nearly_all_new)} ms (bare {ms(bare.nearly_all_new)})"),
        Row("burst of 20,000 messages, memory", f"{ours.burst:.0f} MB (bare {bare.burst:.0f})"),
        Row(
            "first answer after start, against bare Bolt",
            f"{ours.first_answer / bare.first_answer:.1f} ({ours.first_answer:.2f} s)",
        ),
        Row("idle memory, against bare Bolt", f"{ours.idle / bare.idle:.1f} ({ours.idle:.0f} MB)"),
        Row(
            "CPU of a message, of a command",
            f"{ms(ours.chatter / CHATTER)}, {ms(ours.command / COMMANDS)} ms "
            f"(bare {ms(bare.chatter / CHATTER)}, {ms(bare.command / COMMANDS)})",
        ),
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn")
    rounds = parser.parse_args().rounds

    def bare() -> Measured:
        return Measured("benchmarks.bare_slack")

    def ours() -> Measured:
        return Measured("bot", "run", **quiet())

    print_table("Slack", rows(*asyncio.run(compare(rounds, FakeSlack, bare, ours))))


if __name__ == "__main__":
    main()
