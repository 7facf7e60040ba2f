import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { closeListener, listenOn } from '../../main/engine/forward/local-port.ts';
import { blobHash } from '../lab/blob-server.ts';

/** Uses a forwarded model server as a client would: lists its models and reads a streamed chat completion. */
export async function expectModelThrough(baseUrl: string, model: string): Promise<void> {
  const list = await (await fetch(`${baseUrl}/v1/models`)).json();
  expect(list.data.map((each: { id: string }) => each.id)).toContain(model);
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  expect(events.at(-1)).toBe('data: [DONE]');
  const text = events
    .slice(0, -1)
    .map((event) => JSON.parse(event.replace(/^data: /, '')).choices[0].delta.content ?? '')
    .join('');
  expect(text).toContain('This is the demo cluster');
  expect(events.length).toBeGreaterThan(20);
}

/** Reads the blob over one connection and compares its checksum. */
export async function expectBlobThrough(baseUrl: string, bytes: number): Promise<void> {
  const response = await fetch(`${baseUrl}/blob/${bytes}`);
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of response.body ?? []) {
    hash.update(chunk);
    received += chunk.length;
  }
  expect(received).toBe(bytes);
  expect(hash.digest('hex')).toBe(blobHash(bytes));
}

/** The port can be bound again: nothing of the forward is left. */
export async function expectFree(port: number): Promise<void> {
  await closeListener(await listenOn(port));
}
