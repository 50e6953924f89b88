"""Who looks at the dashboard: the person of a session, with what they may do by now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from adapters.contract.adapter import AdapterError
from adapters.contract.models import Account
from bot.kernel.roles import RoleMap
from bot.kernel.work import Tools
from storage.dashboard import Session
from storage.members import Erased

from .contract import Visit

log = logging.getLogger(__name__)


class Visitors:
    """Looks up a person's rights at each request, at the platform of the account with which they signed in."""

    def __init__(self, tools: Tools, roles: RoleMap) -> None:
        self._tools = tools
        self._roles = roles

    async def visit(self, session: Session, query: Mapping[str, str], now: datetime) -> Visit | None:
        """Return the moment of a session, with the rights that the person has by now; None for who is gone.

        Where the platform does not answer, what it last said of them counts.
        """
        account, member = Account.of(session.account), await self._tools.members.get(session.member_id)
        community = await self._tools.members.community_by_id(session.community_id)
        if member is None or community is None or session.account not in member.accounts:
            return None
        try:
            profile = await self._tools.platforms.at(account.space).profile(account)
        except AdapterError as away:
            log.warning("what %s may do is taken from what was known: %s", account.key, away)
        else:
            if profile is None or profile.bot:
                return None
            role = self._roles.role(profile).name.lower()
            try:
                member, _ = await self._tools.members.arrive(
                    community.id,
                    account.key,
                    account.space.key,
                    profile.name,
                    now,
                    locale=profile.locale,
                    roles={role},
                    by_themselves=False,
                )
            except Erased:
                return None
        return Visit(self._tools, community, now, member, account, query)
