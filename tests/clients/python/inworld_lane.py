"""Inworld has no SDK for its WebSocket: a plain client that follows its documentation."""

import asyncio
import base64
import json

from websockets.asyncio.client import connect

PATH = "/tts/v1/voice:streamBidirectional"
CONFIG = {"audioEncoding": "PCM", "sampleRateHertz": 16000}
CREATE = {"voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini", "audioConfig": CONFIG}


async def until(socket, key):
    results = []
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 20))
        if "error" in message:
            return results + [message]
        results.append(message["result"])
        if key in message["result"]:
            return results


async def run(base, checks):
    headers = {"Authorization": "Basic a2V5OnNlY3JldA=="}
    async with connect(f"ws://{base}{PATH}", additional_headers=headers) as socket:
        await socket.send(json.dumps({"contextId": "c1", "create": CREATE}))
        created = await until(socket, "contextCreated")
        checks.that("inworld creates a context", created[-1]["contextId"] == "c1", created)
        await socket.send(json.dumps({"contextId": "c1", "send_text": {"text": "Hello there, how are you?"}}))
        await socket.send(json.dumps({"contextId": "c1", "flush_context": {}}))
        results = await until(socket, "flushCompleted")
        chunks = [result["audioChunk"] for result in results if "audioChunk" in result]
        size = sum(len(base64.b64decode(chunk["audioContent"])) for chunk in chunks)
        checks.that("inworld speaks", size > 16_000, size)
        counts = [chunk["usage"]["processedCharactersCount"] for chunk in chunks]
        checks.that("inworld counts once", counts[0] == 25 and not any(counts[1:]), counts)
        await socket.send(json.dumps({"contextId": "c1", "close_context": {}}))
        checks.that("inworld closes", "contextClosed" in (await until(socket, "contextClosed"))[-1])
        await socket.send(json.dumps({"contextId": "no", "send_text": {"text": "x"}}))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 20))
        checks.that("inworld knows no such context", answer["result"]["status"]["code"] == 5, answer)
    async with connect(f"ws://{base}{PATH}") as socket:
        await socket.send(json.dumps({"contextId": "c1", "create": CREATE}))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 20))
        checks.that("inworld wants a key", answer["error"]["code"] == 16, answer)
