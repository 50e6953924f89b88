"""German letters as people type them where the keyboard has none."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
"""For `str.translate`, of words in small letters."""
