// The official SDKs for Node, unmodified, against `voxrun emulate`. Usage: node lane.mjs HOST:PORT.
// Both insist on wss; a `createConnection` of our own lets the same bytes go over plain TCP.

import { createRequire } from 'node:module';
import net from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

// The module build of this SDK looks for `ws` with a `require` that modules do not have.
const { Cartesia } = createRequire(import.meta.url)('@cartesia/cartesia-js');

const base = process.argv[2];
const LONG_MS = 20_000;
let passed = 0;
let failed = 0;

function check(what, holds, told = '') {
  if (holds) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED ${what} ${typeof told === 'string' ? told : JSON.stringify(told)}`);
  }
}

const createConnection = (options) => net.connect({ ...options, path: undefined });

function within(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} took too long`)), LONG_MS).unref());
  return Promise.race([promise, late]);
}

async function openai() {
  const client = new OpenAI({ apiKey: 'k', baseURL: `http://${base}/v1` });
  const socket = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { createConnection } }, client);
  const seen = [];
  let text = '';
  let error;
  socket.on('error', (problem) => { error = problem.error ?? problem; });
  socket.on('response.output_text.delta', (event) => { text += event.delta; });
  const next = (type) => within(new Promise((resolve) => {
    const heard = (event) => {
      if (event.type === type) {
        socket.off('event', heard);
        resolve(event);
      }
    };
    socket.on('event', heard);
  }), `openai ${type}`);
  socket.on('event', (event) => seen.push(event.type));
  await next('session.created');
  socket.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
  await next('session.updated');
  const content = [{ type: 'input_text', text: 'what are your opening hours' }];
  socket.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  socket.send({ type: 'response.create' });
  const done = await next('response.done');
  const call = done.response.output[0];
  check('openai calls the function', call?.name === 'opening_hours', done.response.output);
  const output = { type: 'function_call_output', call_id: call?.call_id, output: 'nine to five' };
  socket.send({ type: 'conversation.item.create', item: output });
  socket.send({ type: 'response.create' });
  await next('response.done');
  check('openai uses the result', text === 'We are open from nine to five.', text);
  socket.send({ type: 'response.cancel' });
  await next('error');
  check('openai has nothing to cancel', error?.code === 'response_cancel_not_active', error);
  check('openai told everything in order', seen.indexOf('response.created') < seen.indexOf('response.done'), seen);
  socket.close();
}

async function cartesia() {
  const client = new Cartesia({ apiKey: 'k', baseURL: `http://${base}` });
  const socket = await within(client.tts.websocket({ createConnection }), 'cartesia connecting');
  const context = socket.context({
    model_id: 'sonic-3',
    voice: { mode: 'id', id: 'a0e99841-438c-4a64-b679-ae501e7d6091' },
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16000 },
  });
  const all = (async () => {
    const events = [];
    for await (const event of context.receive()) events.push(event);
    return events;
  })();
  await context.push({ transcript: 'Hello from Node.' });
  await context.no_more_inputs();
  const events = await within(all, 'cartesia speaking');
  const kinds = new Set(events.map((event) => event.type));
  check('cartesia speaks to its end', kinds.has('chunk') && kinds.has('done'), [...kinds]);
  socket.close();
}

for (const lane of [openai, cartesia]) {
  try {
    await lane();
  } catch (error) {
    check(`${lane.name} ran to its end`, false, String(error));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
