"""Files that people chose in forms, until Trellis has read them: a platform's own copy does not last either."""

from __future__ import annotations

import secrets

from adapters.contract.adapter import Gone
from adapters.contract.memo import Memo

MOST = 20
"""So many files are there at once, the newest."""


class Chosen:
    """What was chosen, by the answers that stand for it. It is in memory alone."""

    def __init__(self) -> None:
        self._contents: Memo[str, bytes] = Memo(MOST)

    def put(self, content: bytes) -> str:
        """Note what somebody chose; return the answer that stands for it."""
        answer = secrets.token_hex(16)
        self._contents[answer] = content
        return answer

    def read(self, answer: str, most: int) -> bytes | None:
        """Return a file, or None where it has over `most` bytes. Raises `Gone`."""
        if answer not in self._contents:
            raise Gone("that file is not here any more")
        content = self._contents[answer]
        return content if len(content) <= most else None
