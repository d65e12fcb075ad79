"""The official Cartesia SDK, unmodified, against the emulator: continuation, timestamps, flush, cancel and errors.

The SDK reads in a loop of its own; every raw event is validated where it enters that loop.
"""

import asyncio

from cartesia import AsyncCartesia
from cartesia.types.websocket_response import WebsocketResponse
from check import Validator

LONG_S = 20
VOICE = {"mode": "id", "id": "a0e99841-438c-4a64-b679-ae501e7d6091"}
FORMAT = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}
REQUEST = {"model_id": "sonic-3", "voice": VOICE, "output_format": FORMAT}


def watch(connection, validator):
    """Validates each raw event before the SDK makes an object of it."""
    plain = connection.parse_event

    def parse_event(raw):
        validator.event(raw)
        return plain(raw)

    connection.parse_event = parse_event


async def collect(context):
    """Everything of a context to its end, by the SDK's own iterator."""

    async def all_of_it():
        return [event async for event in context.receive()]

    return await asyncio.wait_for(all_of_it(), LONG_S)


def kinds(events):
    return {event.type for event in events}


async def continuation(connection, checks):
    context = connection.context(
        model_id="sonic-3", voice=VOICE, output_format=FORMAT, add_timestamps=True, add_phoneme_timestamps=True
    )
    await context.push("Hello there. ")
    await context.push("How are you today?")
    await context.no_more_inputs()
    events = await collect(context)
    checks.that("cartesia speaks and tells when", {"chunk", "timestamps", "done"} <= kinds(events), kinds(events))
    said = [word for event in events if event.type == "timestamps" for word in event.word_timestamps.words]
    checks.that("cartesia tells every word", len(said) == 6, said)
    size = sum(len(event.audio) for event in events if event.type == "chunk")
    checks.that("cartesia's sound is as long as its words", size > 6 * 5_000, size)


async def two_at_once(connection, checks):
    contexts = [connection.context(model_id="sonic-3", voice=VOICE, output_format=FORMAT) for _ in range(2)]
    for context, text in zip(contexts, ["The first of two.", "The second of two."]):
        await context.push(text)
        await context.no_more_inputs()
    for events in await asyncio.gather(*(collect(context) for context in contexts)):
        checks.that("cartesia ends each context", events[-1].type == "done", kinds(events))


async def flush_and_errors(connection, checks):
    """What the SDK's context does not offer, message by message."""

    async def until_end():
        events = []
        while not events or events[-1].type not in ("done", "error"):
            events.append(connection.parse_event(await connection.recv_bytes(timeout=LONG_S)))
        return events

    part = {**REQUEST, "context_id": "flushed", "continue": True}
    await connection.send({**part, "transcript": "A part."})
    await connection.send({**part, "transcript": "", "flush": True})
    await connection.send({**part, "transcript": "", "continue": False})
    checks.that("cartesia tells a flush", "flush_done" in kinds(await until_end()))

    await connection.send({"context_id": "bad", "transcript": "No format.", "model_id": "sonic-3", "voice": VOICE})
    events = await until_end()
    checks.that("cartesia refuses what has no format", events[-1].status_code == 400, events)

    await connection.send({**REQUEST, "context_id": "stopped", "transcript": "A long line. " * 10})
    await connection.send({"context_id": "stopped", "cancel": True})
    await connection.send({**REQUEST, "context_id": "after", "transcript": "And the connection lives on."})
    ends = []
    while "after" not in ends:
        ends.append((await until_end())[-1].context_id)
    checks.that("cartesia goes on after a cancel", True)


async def run(base, checks):
    validator = Validator(checks, "cartesia", WebsocketResponse)
    client = AsyncCartesia(api_key="k", websocket_base_url=f"ws://{base}")
    for part in [continuation, two_at_once, flush_and_errors]:
        async with client.tts.websocket_connect() as connection:
            watch(connection, validator)
            await part(connection, checks)
    print(f"cartesia: {len(validator.seen)} of {len(validator.classes)} types of events seen and validated")
    checks.that("cartesia shows its events", len(validator.seen) >= 5, sorted(validator.seen))
