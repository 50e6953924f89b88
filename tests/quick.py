"""Trellis as a process of its own that takes others for dead after 4 s without a beat, or as many as it is told to."""

import os
import runpy

from storage import processes

free = float(os.environ.get("FREE_SECONDS", "4"))
processes.BEAT_SECONDS, processes.FREE_SECONDS = free / 8, free
runpy.run_module("bot", run_name="__main__")
