/** The gateway in each of its states, and requests of every kind that went through it. */

import type { Gateway, GatewayRequest } from '#common/gateway.ts';
import { aFailure } from '../support/samples.ts';

const port = 16_000;

export const listening: Gateway = {
  state: { kind: 'listening', port, url: `http://127.0.0.1:${port}/v1` },
  running: 3,
  ended: 6,
  tokensPerSecond: 1840,
};

export const portTaken: Gateway = {
  ...listening,
  state: {
    kind: 'failed',
    failure: aFailure('port-in-use', { step: 'forward', detail: `127.0.0.1:${port}: EADDRINUSE` }),
  },
};

const chat: Omit<GatewayRequest, 'number' | 'at'> = {
  method: 'POST',
  path: '/v1/chat/completions',
  model: 'Qwen/Qwen3-32B',
  host: 'gpu01',
  port: 8000,
  status: 200,
  tokensIn: 812,
  tokensOut: 344,
  firstTokenMs: 182,
  totalMs: 5240,
  outcome: 'answered',
  retried: false,
};
const none = { host: null, port: null, tokensIn: null, tokensOut: null, firstTokenMs: null };

/** Oldest first. */
export const requests: readonly GatewayRequest[] = [
  chat,
  { ...chat, ...none, method: 'GET', path: '/v1/models', model: null, totalMs: 2, outcome: 'own' } as const,
  { ...chat, ...none, model: 'Qwen/Qwen3-32', status: 404, totalMs: 4, outcome: 'own' } as const,
  { ...chat, path: '/v1/messages', host: 'gpu02', retried: true, firstTokenMs: 2210, totalMs: 41_200 },
  {
    ...chat,
    host: 'localhost',
    port: 11_434,
    model: 'llama3.3:70b',
    outcome: 'cut',
    tokensOut: null,
  } as const,
  { ...chat, path: '/v1/embeddings', tokensOut: null, status: null, outcome: 'client-gone' } as const,
].map((request, at) => ({ ...request, number: at + 1, at: Date.now() - (60 - at * 7) * 1000 }));
