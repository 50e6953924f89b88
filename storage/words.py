"""Words as they are compared, in every script: what counts as the same name.

Display never goes through here: what is folded for a comparison (invisible characters, width, look-alikes) stays as it
was written wherever somebody reads it.
"""

from __future__ import annotations

import unicodedata

import regex

HIDDEN = regex.compile(r"[\p{Cf}\p{Cc}\uFE00-\uFE0F\u034F\u115F\u1160\u3164--[\n\t]]", regex.V1)
"""What nobody sees."""
_LOOK = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455"
    "\u04bb\u0501\u051b\u051d\u03bf\u03bd\u03b1\u03c1\u03b9\u03ba",
    "aeopcxyijshdqwovapik",
)
"""Small letters, Cyrillic and Greek, that look like Latin ones."""
_CAPITALS = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0425\u0423\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABESIJKMHOPCTXYABEZHIKMNOPTYX",
)
_MIXED = regex.compile(r"\b(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}])\w+")


def folded(words: str) -> str:
    """Return words as they are compared: alike are those that look alike, whatever they are made of.

    Width, composition, case, what nobody sees, and letters of other alphabets that look like Latin ones make no
    difference. Of capitals that do so, only those in words of mixed alphabets do: small, some are other letters.
    """
    words = HIDDEN.sub("", unicodedata.normalize("NFKC", words))
    words = _MIXED.sub(lambda match: match[0].translate(_CAPITALS), words)
    words = unicodedata.normalize("NFKC", words.casefold()).translate(_LOOK)
    return " ".join(words.split())
