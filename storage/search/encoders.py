"""What texts mean, as vectors: texts of the same meaning in other words lie near each other.

Weights come along with a package. None is ever fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .found import Array

LOOKED_AT = 1000
"""How much of a text counts, in characters: what it is about stands at its beginning."""


TOKENS = 256
"""So many tokens of a text does a sentence model look at."""
TOGETHER = 8
"""So many texts does it look at at once."""
WORDS = 20_000
"""So many words' vectors are kept, of a kilobyte each."""


class Encoder(Protocol):
    """Makes vectors of texts. Those of different `weights` cannot be compared.

    `level` is how searches go by them, and `counts` how much nearness counts there beside words.
    """

    level: str
    counts: float

    @property
    def weights(self) -> str:
        """What tells one encoder's vectors from another's."""

    def encode(self, texts: Sequence[tuple[str, str]]) -> Array:
        """Return a row of unit length for each text, given by its title and its body."""

    def alike(self, words: Sequence[str], others: Sequence[str]) -> list[list[float]] | None:
        """Return for each word how much it means the same as each of the others, 0 to 1.

        None where that tells nothing that whole titles don't.
        """


class Light:
    """Static embeddings: the mean of what its words mean, from a table (WordLlama). Half a millisecond for each text.

    One half of a vector is what the title means, the other the title and the body. Raises `ValueError`, with a
    sentence for whoever runs Trellis, where the package is not there.
    """

    level = "light"
    counts = 1.0

    def __init__(self) -> None:
        self._words: dict[str, Array] = {}
        if importlib.util.find_spec("wordllama") is None:
            raise ValueError("TRELLIS_SEARCH_LEVEL=light needs a package more: pip install 'trellis[light]'.")

    @property
    def weights(self) -> str:
        return f"{self.level}/{version('wordllama')}"

    def encode(self, texts: Sequence[tuple[str, str]]) -> Array:
        titles = [title or " " for title, _ in texts]
        wholes = [f"{title}\n{body[:LOOKED_AT]}" for title, body in texts]
        found = self._model.embed([*titles, *wholes], norm=True)
        vectors: Array = np.concatenate([found[: len(texts)], found[len(texts) :]], axis=1) / np.sqrt(2)
        return np.nan_to_num(vectors).astype(np.float16)

    def alike(self, words: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """Return that by the words' own vectors: the root of how near they lie tells more than that itself."""
        ours, theirs = [word.lower() for word in words], [word.lower() for word in others]
        if not ours or not theirs:
            return [[] for _ in ours]
        if len(self._words) > WORDS:
            self._words.clear()
        if new := sorted({*ours, *theirs} - self._words.keys()):
            self._words |= zip(new, np.nan_to_num(self._model.embed(new, norm=True)), strict=True)
        near = np.stack([self._words[word] for word in ours]) @ np.stack([self._words[word] for word in theirs]).T
        alike: list[list[float]] = np.sqrt(np.clip(near, 0, 1)).tolist()
        return alike

    @cached_property
    def _model(self) -> Any:
        import wordllama

        folder = Path(wordllama.__file__).parent
        return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


class Full:
    """A sentence model, run by ONNX Runtime on one core: some 10 to 30 milliseconds for each text.

    `folder` holds it as `model.onnx`, which takes token ids and returns a vector for each, and its `tokenizer.json`, as
    models for sentence-transformers are published; all-MiniLM-L6-v2 is what was measured. Vectors are as in `Light`.
    Raises `ValueError`, with a sentence for whoever runs Trellis, where files or packages are not there.
    """

    level = "full"
    counts = 5.0

    def __init__(self, folder: Path) -> None:
        if missing := [name for name in ("onnxruntime", "tokenizers") if importlib.util.find_spec(name) is None]:
            needed = " and ".join(missing)
            raise ValueError(f"TRELLIS_SEARCH_LEVEL=full needs {needed}: pip install 'trellis[full]'.")
        self._model, self._words = folder / "model.onnx", folder / "tokenizer.json"
        if not (self._model.is_file() and self._words.is_file()):
            raise ValueError("Name a folder with model.onnx and tokenizer.json in TRELLIS_SEARCH_MODEL.")

    @cached_property
    def weights(self) -> str:
        with self._model.open("rb") as file:
            return f"{self.level}/{hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"

    def encode(self, texts: Sequence[tuple[str, str]]) -> Array:
        titles = [title[:LOOKED_AT] or " " for title, _ in texts]
        wholes = [f"{title}\n{body[:LOOKED_AT]}".strip() or " " for title, body in texts]
        different = [*dict.fromkeys([*titles, *wholes])]
        rows = [self._encode(different[at : at + TOGETHER]) for at in range(0, len(different), TOGETHER)]
        found = dict(zip(different, np.concatenate(rows), strict=True))
        halves = [[found[text] for text in half] for half in (titles, wholes)]
        vectors: Array = np.concatenate([np.stack(half) for half in halves], axis=1) / np.sqrt(2)
        return vectors.astype(np.float16)

    def alike(self, words: Sequence[str], others: Sequence[str]) -> None:
        """Say nothing: .906 of what is answered is found without it, .910 with the model's vectors of single words."""

    def _encode(self, texts: Sequence[str]) -> Array:
        """Return the mean of the vectors of each text's tokens, of unit length."""
        read = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in read], np.int64)
        mask = np.array([one.attention_mask for one in read], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {one.name for one in self._session.get_inputs()}
        (tokens, *_) = self._session.run(None, {name: values for name, values in given.items() if name in wanted})
        means = (tokens * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit: Array = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return unit

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it keeps what the longest texts ever took
        return onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Any:
        import tokenizers

        tokenizer = tokenizers.Tokenizer.from_file(str(self._words))
        tokenizer.enable_truncation(TOKENS)
        tokenizer.enable_padding()
        return tokenizer


def encoder_of(level: str, model: str = "") -> Encoder | None:
    """Return what makes vectors at a level of search; none where words are all that counts.

    `model` is the folder of a sentence model. Raises `ValueError` where something is missing.
    """
    if level == Light.level:
        return Light()
    return Full(Path(model)) if level == Full.level else None
