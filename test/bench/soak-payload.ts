/** What the soak's servers send and its clients expect: different for each server and each request. */

import { createHash } from 'node:crypto';

/** `one:8000`, the server that was asked: bytes of another one would not pass. */
export type ServerName = string;

export const blobBytes = 256 * 1024;
const tokens = 30;

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

export function blob(server: ServerName, number: number): Buffer {
  return Buffer.alloc(blobBytes, hex(`${server} ${number % blobKinds}`));
}
/** So few that a client can know their checksums beforehand. */
export const blobKinds = 8;

export function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The events of a streamed completion, as an OpenAI-style server sends them. */
export function completionEvents(server: ServerName, number: number): readonly string[] {
  const words = Array.from({ length: tokens }, (_, at) => hex(`${server} ${number} ${at}`).slice(0, 8));
  return [...words.map((text) => `data: ${JSON.stringify({ choices: [{ text }] })}\n\n`), 'data: [DONE]\n\n'];
}

export function modelList(server: ServerName): string {
  return JSON.stringify({ object: 'list', data: [{ id: server, object: 'model', owned_by: 'vllm' }] });
}
