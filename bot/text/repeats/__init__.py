"""How something repeats: read from people's words, kept as a rule, and said in words again."""

from .reading import is_repeat, read_repeat, says_never, unreadable
from .rule import DAYS, Rule
from .saying import repeat_words

__all__ = ["DAYS", "Rule", "is_repeat", "read_repeat", "repeat_words", "says_never", "unreadable"]
