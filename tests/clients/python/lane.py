"""Clients written by others against `voxrun emulate`. Usage: lane.py HOST:PORT; the emulator runs with replies.toml."""

import asyncio
import sys

import cartesia_lane
import inworld_lane
import openai_lane
from check import Checks


async def main(base):
    checks = Checks()
    for lane in (openai_lane, cartesia_lane, inworld_lane):
        try:
            await lane.run(base, checks)
        except Exception as error:  # the other lanes are still worth a run
            checks.that(f"{lane.__name__} ran to its end", False, f"{type(error).__name__}: {error}")
    return checks.closing()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
