"""What Slack is answered to one envelope: acknowledged once what it set off is kept, or it itself is."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError

JSON: TypeAlias = dict[str, Any]


class NotKept(AdapterError):
    """What an envelope set off could not be kept: it is not acknowledged, so that Slack sends it again, or says so."""


class Acceptance:
    """The answer that Slack waits for. `is_form` says that it may be more than a mere acknowledgement."""

    def __init__(self, *, is_form: bool = False) -> None:
        self.is_form = is_form
        self.answer: asyncio.Future[JSON | None] = asyncio.get_running_loop().create_future()
        self.is_handled = False
        """Whether what the envelope set off is kept."""
        self.is_stored = False
        """Whether the envelope itself is kept, in the inbox."""

    def decide(self, answer: JSON | None) -> bool:
        """Answer, unless Slack has its answer already; say whether this is it."""
        if self.answer.done():
            return False
        self.answer.set_result(answer)
        return True

    def refuse(self) -> None:
        """Leave the envelope unacknowledged."""
        if not self.answer.done():
            self.answer.set_exception(NotKept("what it set off could not be kept"))
            self.answer.exception()  # nobody has to ask
