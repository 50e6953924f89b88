"""Trellis on Slack, with slack-bolt and slack-sdk.

`parse` hears and `render` draws, both pure, as are `envelope` (what names an envelope and where it can be answered)
and `emoji`; `markup` writes words so that they ping no one and break nothing, `register` writes the app manifest, and
`prompts` what is suggested in direct channels. `adapter` puts them together: `listen` speaks Socket Mode and signed
HTTP, `event_source` gives what came its turn, `acceptance` is what Slack is answered, `answer` answers what one
person did, `history` reads what was missed, and `oauth` lets admins install the app. What can be done in one
`workspace` is there: `post` says each thing once, `files` hands over what goes along, `people` knows who is who,
`api` calls Slack. `check` finds what is not set up yet. All of Slack's numbers are in `limits`.
"""

from .adapter import Slack
from .check import check_tokens
from .oauth import OAuth
from .register import SCOPES, manifest

__all__ = ["SCOPES", "OAuth", "Slack", "check_tokens", "manifest"]
