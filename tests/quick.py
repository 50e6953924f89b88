"""Trellis as a process of its own that takes others for dead after 4 s without a beat, not after 20."""

import runpy

from storage import processes

processes.BEAT_SECONDS, processes.FREE_SECONDS = 0.5, 4.0
runpy.run_module("bot", run_name="__main__")
