"""Search over what a community has written down: the same on every database, and in the same order."""

from .fit import Fit, Hit
from .store import ACCEPTED, PLAIN, THANKED, Document, SearchStore, documents

__all__ = ["ACCEPTED", "PLAIN", "THANKED", "Document", "Fit", "Hit", "SearchStore", "documents"]
