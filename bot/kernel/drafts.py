"""Forms that were not finished: asked once more, with everything that was typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.text import say
from bot.delivery.outgoing import SAID
from storage.drafts import DraftStore
from storage.inbox import InboxStore
from storage.members import Member
from storage.postings import PostingStore
from storage.uploads import UploadStore

from .cog import Cog, action, every
from .context import AGAIN, Context
from .errors import UserError
from .registry import Registry
from .work import Work

KEPT = timedelta(days=2)
"""How long what was typed is kept, and which events arrived: Slack may deliver one again for 25 hours."""
SAYINGS_KEPT = timedelta(days=90)
"""How long we know what was said once: longer than anything is said again."""


class Drafts(Cog):
    """The kernel's own cog: asks forms again, and sweeps up."""

    name = "form"
    room = "You"

    registry: Registry
    """All cogs, this one among them; set once they are all there."""

    def __init__(self, drafts: DraftStore, uploads: UploadStore, inbox: InboxStore, postings: PostingStore) -> None:
        self._drafts = drafts
        self._uploads = uploads
        self._inbox = inbox
        self._postings = postings

    @action(role=Role.GUEST)
    async def again(self, ctx: Context, draft_id: int, shown: str) -> None:
        """Ask a form once more; `shown` names the fields of a dialog that had no room for all."""
        draft = await self._drafts.get(draft_id, ctx.member.id)
        if draft is None:
            raise UserError(say("That form is too old. Please start again."))
        call = Call.unpack(draft.call)
        bound, _ = self.registry.find(call)
        if bound.action.form is None:
            raise UserError(say("That form is from an older version of Trellis. Please start again."))
        await ctx.ask_again(bound.action.form, call, bound.cog, draft.answers, shown=shown.split(","))

    @every("daily 04:10")
    async def sweep(self, work: Work) -> None:
        """Forget what nobody can need any more."""
        await self._drafts.prune(work.now - KEPT)
        await self._uploads.prune(work.now - KEPT)
        await self._inbox.prune(work.now - KEPT)
        await self._postings.prune(SAID, work.now - SAYINGS_KEPT)

    async def export(self, member: Member) -> dict[str, Any]:
        return {
            "unfinished_forms": [dict(draft.answers) for draft in await self._drafts.of(member.id)],
            "pictures": [
                {"name": upload.name, "bytes": upload.size, "at": upload.at}
                for upload in await self._uploads.of(member.id)
            ],
        }

    async def erase(self, member: Member) -> None:
        await self._drafts.forget(member.id)
        await self._uploads.forget(member.id)


assert Drafts.again.full_name == AGAIN
