"""What members see of recognition: every word of this room, and every card."""

from .base import People, room_words
from .digest import LINES, NEWS, digest_card, empty_digest_card
from .moderators import champions_card, ring_card
from .standing import Period, board_card, profile_card, standing_field
from .thanks import (
    giver_full,
    not_counted_card,
    reached_card,
    receiver_full,
    role_failed_card,
    taken_back_card,
    thanked_card,
    thanks_card,
    undone_card,
    welcome_card,
)

__all__ = [
    "LINES",
    "NEWS",
    "People",
    "Period",
    "board_card",
    "champions_card",
    "digest_card",
    "empty_digest_card",
    "giver_full",
    "not_counted_card",
    "profile_card",
    "reached_card",
    "receiver_full",
    "ring_card",
    "role_failed_card",
    "room_words",
    "standing_field",
    "taken_back_card",
    "thanked_card",
    "thanks_card",
    "undone_card",
    "welcome_card",
]
