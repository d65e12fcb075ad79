"""The official OpenAI SDK, unmodified, against the emulator: text, sound both ways, functions, items and errors."""

import asyncio
import base64

from check import Validator
from openai import AsyncOpenAI
from openai.types.realtime.realtime_server_event import RealtimeServerEvent

LONG_S = 20


class Talk:
    """A connection whose every event is validated before it is used."""

    def __init__(self, connection, validator):
        self.connection = connection
        self.validator = validator

    async def next(self):
        raw = await asyncio.wait_for(self.connection.recv_bytes(), LONG_S)
        self.connection.parse_event(raw)
        return self.validator.event(raw)

    async def until(self, name):
        """The events up to and with the first of this type."""
        events = []
        while not events or events[-1]["type"] != name:
            events.append(await self.next())
        return events

    async def say(self, text):
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        await self.connection.conversation.item.create(item=item)
        await self.until("conversation.item.done")


def words_of(events):
    return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")


def sound(events):
    return b"".join(
        base64.b64decode(event["delta"]) for event in events if event["type"] == "response.output_audio.delta"
    )


async def text_and_functions(talk, checks):
    await talk.connection.session.update(
        session={
            "type": "realtime",
            "output_modalities": ["text"],
            "instructions": "Be brief.",
            "tools": [
                {
                    "type": "function",
                    "name": "opening_hours",
                    "description": "When we are open",
                    "parameters": {"type": "object", "properties": {"day": {"type": "string"}}},
                }
            ],
        }
    )
    updated = (await talk.until("session.updated"))[-1]
    checks.that("openai session.updated shows the tool", updated["session"]["tools"][0]["name"] == "opening_hours")
    await talk.say("hello")
    await talk.connection.response.create()
    events = await talk.until("response.done")
    checks.that("openai says back what it was told", words_of(events) == "You said: hello.", words_of(events))
    checks.that("openai completed", events[-1]["response"]["status"] == "completed")
    await talk.until("rate_limits.updated")

    await talk.say("what are your opening hours")
    await talk.connection.response.create()
    events = await talk.until("response.done")
    call = events[-1]["response"]["output"][0]
    checks.that("openai calls the function", call["name"] == "opening_hours" and "monday" in call["arguments"], call)
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "nine to five"}
    await talk.connection.conversation.item.create(item=output)
    await talk.connection.response.create()
    events = await talk.until("response.done")
    checks.that("openai uses the result", words_of(events) == "We are open from nine to five.", words_of(events))


async def items_and_errors(talk, checks):
    await talk.say("an item to work with")
    done = None
    item = {"id": "item_mine", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}
    await talk.connection.conversation.item.create(item=item, previous_item_id="root")
    done = (await talk.until("conversation.item.done"))[-1]
    checks.that("openai puts an item at the root", done["previous_item_id"] is None, done)
    await talk.connection.conversation.item.retrieve(item_id="item_mine")
    retrieved = (await talk.until("conversation.item.retrieved"))[-1]
    checks.that("openai retrieves an item", retrieved["item"]["id"] == "item_mine")
    await talk.connection.conversation.item.delete(item_id="item_mine")
    await talk.until("conversation.item.deleted")
    await talk.connection.conversation.item.delete(item_id="item_mine", event_id="mine")
    error = (await talk.until("error"))[-1]["error"]
    checks.that("openai names the client's event", error["event_id"] == "mine", error)
    await talk.connection.response.cancel()
    error = (await talk.until("error"))[-1]["error"]
    checks.that("openai has nothing to cancel", error["code"] == "response_cancel_not_active", error)
    await talk.connection.input_audio_buffer.commit()
    error = (await talk.until("error"))[-1]["error"]
    checks.that("openai has nothing to commit", error["code"] == "input_audio_buffer_commit_empty", error)
    await talk.connection.session.update(session={"type": "realtime", "turn_detection": None})
    error = (await talk.until("error"))[-1]["error"]
    checks.that("openai refuses a legacy key", error["param"] == "session.turn_detection", error)
    await talk.connection.input_audio_buffer.clear()
    await talk.until("input_audio_buffer.cleared")


async def sound_both_ways(talk, checks):
    """The agent's own voice is the only speech at hand that the emulator understands: it is played back to it."""
    await talk.connection.session.update(
        session={
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "transcription": {"model": "gpt-4o-transcribe"},
                    "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
                }
            },
        }
    )
    await talk.until("session.updated")
    await talk.connection.response.create(response={"instructions": "Please count to sixteen"})
    first = await talk.until("response.done")
    heard = sound(first)
    checks.that("openai speaks", len(heard) > 24_000, len(heard))
    transcript = [event for event in first if event["type"] == "response.output_audio_transcript.done"]
    checks.that("openai tells what it spoke", transcript[0]["transcript"] == "Please count to sixteen", transcript)
    for at in range(0, len(heard), 960):
        await talk.connection.input_audio_buffer.append(audio=base64.b64encode(heard[at : at + 960]).decode())
    silence = base64.b64encode(bytes(960)).decode()
    for _ in range(40):
        await talk.connection.input_audio_buffer.append(audio=silence)
    events = await talk.until("response.created")
    types = [event["type"] for event in events]
    order = ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed"]
    checks.that("openai's turn has its order", [name for name in types if name in order] == order, types)
    events = await talk.until("conversation.item.input_audio_transcription.completed")
    checks.that("openai understood its own voice", events[-1]["transcript"] == "Please count to sixteen", events[-1])

    # The answer is long: speaking over it cuts it.
    while (await talk.next())["type"] != "response.output_audio.delta":
        pass
    for at in range(0, len(heard), 960):
        await talk.connection.input_audio_buffer.append(audio=base64.b64encode(heard[at : at + 960]).decode())
    events = await talk.until("response.done")
    details = events[-1]["response"]["status_details"]
    checks.that("openai is interrupted", details == {"type": "cancelled", "reason": "turn_detected"}, details)
    item = events[-1]["response"]["output"][0]["id"]
    await talk.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=100)
    await talk.until("conversation.item.truncated")


async def tools_of_a_server_and_failures(talk, checks):
    docs = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example.com", "require_approval": "never"}
    await talk.connection.session.update(session={"type": "realtime", "output_modalities": ["text"], "tools": [docs]})
    await talk.until("mcp_list_tools.completed")
    for words, last in [("look it up", "completed"), ("look up what is not there", "failed")]:
        await talk.say(words)
        await talk.connection.response.create()
        events = await talk.until("response.done")
        types = [event["type"] for event in events]
        checks.that(f"openai's mcp call {last}", f"response.mcp_call.{last}" in types, types)
        await talk.until("rate_limits.updated")

    await talk.say("break off")
    await talk.connection.response.create()
    events = await talk.until("response.done")
    response = events[-1]["response"]
    checks.that("openai fails in the middle", response["status"] == "failed" and words_of(events), response)
    await talk.say("too fast")
    await talk.connection.response.create()
    error = (await talk.until("error"))[-1]["error"]
    checks.that("openai tells a scripted error", error["code"] == "rate_limit_exceeded", error)

    docs["require_approval"] = "always"
    await talk.connection.session.update(session={"type": "realtime", "tools": [docs]})
    await talk.until("session.updated")
    await talk.say("look it up")
    await talk.connection.response.create()
    asked = (await talk.until("response.done"))[-1]["response"]["output"][-1]
    checks.that("openai asks before it calls", asked["type"] == "mcp_approval_request", asked)
    answer = {"type": "mcp_approval_response", "id": "ok", "approval_request_id": asked["id"], "approve": True}
    await talk.connection.conversation.item.create(item=answer)
    await talk.until("response.mcp_call.completed")


async def details_of_a_transcription(talk, checks):
    """Who spoke, and how sure the transcription is."""
    await talk.connection.response.create(response={"instructions": "one two three", "output_modalities": ["audio"]})
    heard = sound(await talk.until("response.done"))
    for model, include, wanted in [
        ("gpt-4o-transcribe-diarize", None, "conversation.item.input_audio_transcription.segment"),
        ("gpt-4o-transcribe", ["item.input_audio_transcription.logprobs"], "conversation.item.input_audio_transcription.delta"),
    ]:
        audio = {"input": {"transcription": {"model": model}, "turn_detection": None}}
        await talk.connection.session.update(session={"type": "realtime", "audio": audio, "include": include})
        await talk.until("session.updated")
        for at in range(0, len(heard), 960):
            await talk.connection.input_audio_buffer.append(audio=base64.b64encode(heard[at : at + 960]).decode())
        await talk.connection.input_audio_buffer.commit()
        events = await talk.until("conversation.item.input_audio_transcription.completed")
        types = {event["type"] for event in events}
        checks.that(f"openai transcribes by {model}", wanted in types, types)
        if include:
            checks.that("openai tells its logprobs", bool(events[-1].get("logprobs")), events[-1])


async def refusals(base, checks):
    client = AsyncOpenAI(api_key="k", base_url=f"http://{base}/v1")
    for model, code in [("gpt-4", 4000), ("no-such-model", 4000)]:
        async with client.realtime.connect(model=model) as connection:
            try:
                while True:
                    await asyncio.wait_for(connection.recv_bytes(), LONG_S)
            except Exception as closed:
                checks.that(f"openai refuses {model}", getattr(closed.rcvd, "code", None) == code, closed)


PARTS = [
    text_and_functions,
    items_and_errors,
    sound_both_ways,
    tools_of_a_server_and_failures,
    details_of_a_transcription,
]


async def run(base, checks):
    validator = Validator(checks, "openai", RealtimeServerEvent)
    client = AsyncOpenAI(api_key="k", base_url=f"http://{base}/v1")
    for part in PARTS:
        async with client.realtime.connect(model="gpt-realtime") as connection:
            talk = Talk(connection, validator)
            await talk.until("session.created")
            await part(talk, checks)
    await refusals(base, checks)
    print(f"openai: {len(validator.seen)} of {len(validator.classes)} types of events seen and validated")
    checks.that("openai shows most of its events", len(validator.seen) >= 37, sorted(validator.seen))
