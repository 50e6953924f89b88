"""What a control means when it is used: an action's name and its small arguments, packed into one short text.

The packed text is Discord's `custom_id`, Slack's `action_id` and the row of a scheduled job, so nothing has to be
remembered for a button to work after a restart. An argument proves nothing: whoever handles it checks the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

LONGEST = 100
"""Discord allows 100 characters in a `custom_id`; every other platform allows more."""

_SAFE = " -._~@+,;/!?*()'$"
"""What stays as it is inside an argument; everything else, the separator included, is percent-encoded."""


@dataclass(frozen=True, slots=True)
class Call:
    """`Call("questions.solve", ("7",))` packs to `questions.solve:7`."""

    action: str
    arguments: tuple[str, ...] = ()

    def pack(self) -> str:
        """Return the packed text. Raises `ValueError` when it would be longer than `LONGEST` characters."""
        packed = ":".join((self.action, *(quote(argument, safe=_SAFE) for argument in self.arguments)))
        if len(packed) > LONGEST:
            raise ValueError(f"a call may have {LONGEST} characters, this one has {len(packed)}: {packed}")
        return packed

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """Read what `pack` wrote. Any text can be read; one that names no action is the router's to refuse."""
        action, *arguments = packed.split(":")
        return cls(action, tuple(unquote(argument, errors="replace") for argument in arguments))


def call(action: str, *arguments: str | int) -> Call:
    """Return the call of an action by its name: yes and no are 1 and 0."""
    return Call(action, tuple(str(int(one)) if isinstance(one, bool) else str(one) for one in arguments))
