import { expect, it } from 'vitest';
import { answerHeaders, requestHeaders } from '#engine/gateway/headers.ts';

const message = (rawHeaders: readonly string[]) => ({
  rawHeaders: [...rawHeaders],
  headers: Object.fromEntries(
    rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]]] : [])),
  ),
});
const traits = { authority: '127.0.0.1:8000', apiKey: null, grownBy: 0 };

it('what belongs to a request goes on as it was written, in its order', () => {
  const raw = ['Accept', 'a', 'X-Odd-CASE', '1', 'x-odd-case', '2', 'Content-Length', '12'];
  expect(requestHeaders(message(raw), traits)).toEqual(['Host', '127.0.0.1:8000', ...raw]);
  expect(requestHeaders(message(raw), { ...traits, grownBy: -4 }).slice(-2)).toEqual(['Content-Length', '8']);
});

it('no key, cookie or header of the connection goes on', () => {
  const raw = [
    ...[
      'Host',
      'localhost:16000',
      'Authorization',
      'Bearer gateway',
      'X-API-Key',
      'gateway',
      'api-key',
      'gateway',
    ],
    ...['Cookie', 'a=b', 'Connection', 'keep-alive, X-Mine', 'X-Mine', '1', 'Keep-Alive', 'timeout=5'],
    ...['TE', 'trailers', 'Upgrade', 'h2c', 'Proxy-Authorization', 'x', 'Expect', '100-continue'],
  ];
  expect(requestHeaders(message(raw), traits)).toEqual(['Host', '127.0.0.1:8000']);
  expect(requestHeaders(message(raw), { ...traits, apiKey: 'sk' })).toEqual([
    ...['Host', '127.0.0.1:8000', 'Authorization', 'Bearer sk'],
  ]);
  // A key that would end the header is not sent.
  expect(requestHeaders(message(raw), { ...traits, apiKey: 'sk\r\nX: y' })).toHaveLength(2);
});

it('a chunked body stays one, and has no second length', () => {
  const raw = ['Transfer-Encoding', 'chunked', 'Content-Length', '5'];
  expect(requestHeaders(message(raw), traits)).toEqual([
    ...['Host', '127.0.0.1:8000', 'Transfer-Encoding', 'chunked'],
  ]);
});

it('an answer goes back as it was written, and says which host it is of', () => {
  const raw = [
    'Server',
    'uvicorn',
    'X-Vllm-Tray-Host',
    'forged',
    'Set-Cookie',
    'a=b',
    'Connection',
    'close',
    'ETag',
    'x',
  ];
  expect(answerHeaders(message(raw), 'gpu-01')).toEqual([
    ...['Server', 'uvicorn', 'ETag', 'x', 'x-vllm-tray-host', 'gpu-01'],
  ]);
  expect(answerHeaders(message([]), 'röck\r\nX: y')).toEqual(['x-vllm-tray-host', 'r%C3%B6ck%0D%0AX%3A%20y']);
});
