"""What goes wrong for a person, said to that person alone."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract.text import Text, Words, join, say, text

FORGOTTEN = say("I know nothing about you any more. Thank you for having been here.")
OUTDATED = say("That's from an older version of Trellis and no longer works. Sorry!")
"""What someone reads who uses what we do not offer, or do not offer any more."""


class UserError(Exception):
    """A sentence that whoever caused this reads privately: what is wrong, and what to do instead."""

    def __init__(self, words: Words) -> None:
        self.words: Text = text(words)
        super().__init__(self.words.plain())


class FormError(UserError):
    """What is wrong with the answers, by field; the form is shown again with everything that was typed."""

    def __init__(self, **problems: Words) -> None:
        self.problems: Mapping[str, Words] = problems
        super().__init__(join(problems.values(), " "))


def require(condition: object, words: Words) -> None:
    """Raise `UserError` with these words unless the condition holds."""
    if not condition:
        raise UserError(words)
