"""What settings say of one feature, for each community: the environment's word, changed by `/settings set`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

from storage.settings import SettingStore

log = logging.getLogger(__name__)

P = TypeVar("P")


class Policies(Generic[P]):
    """Hands out one feature's policy, looked up for each use: a change counts on every replica at once."""

    def __init__(self, settings: SettingStore, read: Callable[[Mapping[str, str]], P]) -> None:
        self._settings = settings
        self._read = read
        self._known: dict[int, tuple[Mapping[str, str], P]] = {}
        self.default = read({})
        """The policy where nothing was changed. What is drawn before a community is known goes by it."""

    async def of(self, community_id: int) -> P:
        """Return the policy of a community. A stored change that is not valid any more counts as none."""
        changes = await self._settings.of(community_id)
        if not changes:
            return self.default
        known, policy = self._known.get(community_id, ({}, self.default))
        if known != changes:
            try:
                policy = self._read(changes)
            except ValueError:
                log.exception("the changed settings of community %s are not valid together", community_id)
                policy = self.default
            self._known[community_id] = changes, policy
        return policy


Sections: TypeAlias = Mapping[type, Policies[Any]]
"""What settings say of the sections that cogs declare, by their classes."""
NO_SECTIONS: Sections = MappingProxyType({})
