"""How alike two texts are: whether what someone is about to say has been said before."""

from __future__ import annotations

from storage.words import forms, pieces, words_in

ALIKE = 0.5
"""How much of what one text says another has to say too, to be worth a look."""

_SMALL = frozenset(
    """a an and any are as at be been but by can could did do does for from get has have how i if in is it its me my no
    not of on one or our should so some that the their them there this to up use was we what when where which who why
    will with would you your
    als am auf aus bei das dass dem den der des die du ein eine einem einen einer er es fur gibt hat ich ihr im ist ja
    kann man mein mich mir mit nicht oder sich sie sind um und uns vom von wann warum was wenn wer wie wir wird wo zu
    zum zur""".split()
)


def likeness(asked: str, known: str) -> float:
    """Return how much of what is asked a known text speaks of, 0 to 1, by words; one shared word is chance.

    Words are the same in any of their forms, and where one is a part of the other, a compound.
    """
    wanted = dict.fromkeys(forms(word) for word in words_in(asked) if word not in _SMALL)
    spoken = [word for word in words_in(known) if word not in _SMALL]
    there = {form for word in spoken for form in forms(word)}
    whole_or_part = there | {part for word in spoken for part in pieces(word)}
    shared = sum(
        not word.isdisjoint(whole_or_part) or any(not pieces(form).isdisjoint(there) for form in word)
        for word in wanted
    )
    return shared / len(wanted) if shared >= min(2, len(wanted)) and shared else 0.0
