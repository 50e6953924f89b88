"""What texts mean, as vectors: texts of the same meaning in other words lie near each other.

Weights come along with a package. None is ever fetched.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .index import Array

LOOKED_AT = 1000
"""How much of a text counts, in characters: what it is about stands at its beginning."""


class Encoder(Protocol):
    """Makes vectors of texts. `level` names what it does: vectors of different levels cannot be compared."""

    level: str

    def encode(self, texts: Sequence[tuple[str, str]]) -> Array:
        """Return a row of unit length for each text, given by its title and its body."""


class Light:
    """Static embeddings: the mean of what its words mean, from a table (WordLlama). Half a millisecond for each text.

    One half of a vector is what the title means, the other the title and the body. Raises `ValueError`, with a
    sentence for whoever runs Trellis, where the package is not there.
    """

    level = "light"

    def __init__(self) -> None:
        if importlib.util.find_spec("wordllama") is None:
            raise ValueError("TRELLIS_SEARCH_LEVEL=light needs a package more: pip install 'trellis[light]'.")

    def encode(self, texts: Sequence[tuple[str, str]]) -> Array:
        titles = [title or " " for title, _ in texts]
        wholes = [f"{title}\n{body[:LOOKED_AT]}" for title, body in texts]
        found = self._model.embed([*titles, *wholes], norm=True)
        vectors: Array = np.concatenate([found[: len(texts)], found[len(texts) :]], axis=1) / np.sqrt(2)
        return np.nan_to_num(vectors).astype(np.float16)

    @cached_property
    def _model(self) -> Any:
        import wordllama

        folder = Path(wordllama.__file__).parent
        return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


def encoder_of(level: str) -> Encoder | None:
    """Return what makes vectors at a level of search; none where words are all that counts."""
    return Light() if level == Light.level else None
