"""Draws cards and dialogs for Discord: our value in, Discord's dict out. Pure, and within Discord's limits.

A card becomes one embed with rows of controls; a control's `custom_id` is the packed call, so nothing is remembered.
A dialog becomes a modal of labels. What a card's limits allow may still be too long once it is escaped; then it is cut
at a word or a grapheme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import batched as _batched  # type: ignore[attr-defined,unused-ignore]
from typing import Any, TypeAlias
