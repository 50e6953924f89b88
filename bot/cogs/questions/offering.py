"""Whether what is known is worth showing to somebody who asks, as pure decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.text.likeness import ALIKE, SAME, likely
from storage.offered import Offered
from storage.search import Hit

SHOWN = 3
"""How many known answers are shown at most."""
LOOKED_BACK = timedelta(days=90)
"""For how long counts what askers made of what they were shown."""
BOUNDS = (0.4, ALIKE, 0.6, 0.7, 0.8, 0.9)
"""From which probability on something may be shown: a community teaches which of these it is."""
WANTED = 0.7
"""So often what is shown is to help."""
BELIEVED, OF = 3, 4
"""Before anybody said anything, so many of so many are taken to have helped."""
CONVINCED, ALWAYS = 20, 0.95
"""After so many that helped so often, Trellis dares more."""


def least(past: Sequence[Offered]) -> float:
    """Return from which probability on something is shown, after what askers made of what they were shown before."""
    said = [one for one in past if one.was_right is not None]
    helped = sum(bool(one.was_right) for one in said)
    if len(said) >= CONVINCED and helped >= ALWAYS * len(said):
        return BOUNDS[0]
    for bound in BOUNDS[1:]:
        above = [one for one in said if one.chance >= bound]
        if (sum(bool(one.was_right) for one in above) + BELIEVED) / (len(above) + OF) >= WANTED:
            return bound
    return BOUNDS[-1]


def worth_showing(hits: Mapping[Hit, float], bound: float) -> list[tuple[Hit, float]]:
    """Return what is shown of what could be, of which it says how far it can be trusted; and how likely each helps.

    That is one that surely does, a few that may, or nothing.
    """
    chances = zip(hits, hits.values(), likely([hit.fit for hit in hits]), strict=True)
    found = sorted(((hit, trust * chance) for hit, trust, chance in chances), key=lambda one: -one[1])
    shown = [(hit, chance) for hit, chance in found if chance >= bound][:SHOWN]
    return shown[:1] if shown and shown[0][1] >= SAME else shown
