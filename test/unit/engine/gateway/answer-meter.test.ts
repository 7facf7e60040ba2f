import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAnswerMeter } from '#engine/gateway/answer-meter.ts';

const fed = (chunks: readonly string[], isStream = true) => {
  const meter = createAnswerMeter(isStream);
  for (const chunk of chunks) meter.feed(Buffer.from(chunk));
  return meter;
};

it('reads the tokens that each API counts', () => {
  for (const usage of [
    '"usage":{"prompt_tokens":7,"completion_tokens":30,"total_tokens":37}',
    '"usage": { "input_tokens" : 7, "output_tokens" : 30 }',
  ])
    expect(fed([`{"x":1,${usage}}`], false).tokens()).toEqual({ tokensIn: 7, tokensOut: 30 });
  const anthropic = [
    'data: {"usage":{"input_tokens":7,"output_tokens":1}}\n\n',
    'x'.repeat(20_000),
    'data: {"output_tokens":30}\n\n',
  ];
  expect(fed(anthropic).tokens()).toEqual({ tokensIn: 7, tokensOut: 30 });
});

it('knows nothing where nothing is said, and takes no words of a model for it', () => {
  const unknown = { tokensIn: null, tokensOut: null };
  expect(fed(['{"data":[]}'], false).tokens()).toEqual(unknown);
  const text = JSON.stringify({ content: '"prompt_tokens": 5, "completion_tokens": 6' });
  expect(fed([text], false).tokens()).toEqual(unknown);
});

it('counts events, and says between which a stream can end', () => {
  const meter = fed(['data: {"a":"data: "}\n\ndata: 2\n\n', 'event: x\ndata: 3\n']);
  expect([meter.events(), meter.isBetweenEvents()]).toEqual([3, false]);
  meter.feed(Buffer.from('\n'));
  expect(meter.isBetweenEvents()).toBe(true);
  expect(fed([]).isBetweenEvents()).toBe(true);
});

it('finds the usage however the answer is cut', () => {
  const text = `${'x'.repeat(6000)}"prompt_tokens":12,"completion_tokens":345}`;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 8 }), (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), text.length];
      const chunks = ends.slice(1).map((end, at) => text.slice(ends[at], end));
      expect(fed(chunks, false).tokens()).toEqual({ tokensIn: 12, tokensOut: 345 });
    }),
  );
});
