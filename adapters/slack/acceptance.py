"""What Slack is answered to one envelope: acknowledged once what it set off is kept, or it itself is."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Inbox

log = logging.getLogger(__name__)

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
        self.is_over = False
        """Whether its handling has ended."""
        self.why = "it was not accepted"
        """Why it could not be handled, where that is so."""

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

    async def let_go(self, inbox: Inbox, key: str) -> None:
        """Note what became of an envelope, once it is stored and its handling has ended. Never raises."""
        if not (self.is_stored and self.is_over):
            return
        try:
            await (inbox.done(key) if self.is_handled else inbox.failed(key, self.why))
        except Exception as failure:  # it may hold secrets
            told = type(failure).__name__
            log.error("an envelope could not be forgotten, and may be seen again: %s", told)  # noqa: TRY400
