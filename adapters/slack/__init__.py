"""Trellis on Slack, with slack-bolt and slack-sdk.

`parse` hears and `render` draws, both pure, as are `envelope` (what names an envelope and where it can be answered) and
`emoji`; `markup` writes words so that they ping no one and break nothing, `register` writes the app manifest. `adapter`
puts them together: `listen` speaks Socket Mode and signed HTTP, `keep` stores what came, `hearing` gives it its turn,
`answer` answers what one person did, `post` says each thing once, `people` knows who is who, `api` calls Slack. `check`
finds what is not set up yet. All of Slack's numbers are in `limits`.
"""

from .adapter import Slack
from .keep import Keep, MemoryKeep
from .register import SCOPES, manifest

__all__ = ["SCOPES", "Keep", "MemoryKeep", "Slack", "manifest"]
