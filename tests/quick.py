"""Trellis as a process of its own that takes others for dead after 4 s without a beat, or as many as it is told to.

Where it is told how long, it waits so long between two sessions that it begins with Discord.
"""

import os
import runpy

from storage import processes

free = float(os.environ.get("FREE_SECONDS", "4"))
processes.BEAT_SECONDS, processes.FREE_SECONDS = free / 8, free
if identify := os.environ.get("IDENTIFY_SECONDS"):
    from adapters.discord import Discord
    from adapters.discord.limits import Pace

    (Discord.__init__.__kwdefaults__ or {})["pace"] = Pace(identify=float(identify))
runpy.run_module("bot", run_name="__main__")
