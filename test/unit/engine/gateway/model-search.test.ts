import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchForm } from '#engine/gateway/model-in-form.ts';
import { searchJson } from '#engine/gateway/model-in-json.ts';
import type { ModelSearch, SearchState } from '#engine/gateway/model-search.ts';

/** What is found in the body when it comes in these pieces; `read` is how much of it was needed. */
async function search(make: () => ModelSearch, body: Buffer, cuts: readonly number[] = []) {
  const finder = make();
  const ends = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...ends, body.length]) {
    if (finder.state().kind !== 'searching') break;
    await finder.feed(body.subarray(from, to));
    from = to;
  }
  if (finder.state().kind === 'searching') await finder.end();
  return { state: finder.state(), read: from, finder };
}

const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 12 });
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const found = (name: string): SearchState => ({ kind: 'found', name });

describe('the model in a JSON body', () => {
  it('is found wherever it stands, however the body is cut', async () => {
    const other = fc.dictionary(
      fc.string({ maxLength: 8 }).filter((name) => name !== 'model' && name !== '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(
        other,
        fc.string({ unit: 'binary' }),
        other,
        cuts,
        async (before, name, after, where) => {
          const body = json({ ...before, model: name, ...after });
          // A lone surrogate is written as an escape, and read as one.
          expect((await search(searchJson, body, where)).state).toEqual(found(name));
        },
      ),
    );
  });

  it('is replaced in its place, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 2 }),
        fc.string({ unit: 'grapheme' }),
        cuts,
        async (messages, name, where) => {
          const spaced = `{ "messages" : ${JSON.stringify(messages)} ,\n"model"\t: ${JSON.stringify(name)}, "n": 1 }`;
          const body = Buffer.from(spaced);
          const { finder, state } = await search(searchJson, body, where);
          expect(state).toEqual(found(name));
          const span = finder.span(body);
          if (span === null) throw new Error('no span');
          const next = Buffer.concat([
            body.subarray(0, span.start),
            Buffer.from(finder.encode('other "one"')),
            body.subarray(span.end),
          ]);
          // As it was written: JSON knows no negative zero.
          const written: unknown = JSON.parse(JSON.stringify(messages));
          expect(JSON.parse(next.toString())).toEqual({ messages: written, model: 'other "one"', n: 1 });
        },
      ),
    );
  });

  it('is replaced as it was escaped', async () => {
    const body = Buffer.from('{"a":"\\u00e9\\ud83c\\udf0d","model":"gpu\\u002d01\\/m\\"x","b":1}');
    const { finder, state } = await search(searchJson, body, [9, 40]);
    expect(state).toEqual(found('gpu-01/m"x'));
    const span = finder.span(body);
    expect(span && body.subarray(span.start, span.end).toString()).toBe('"gpu\\u002d01\\/m\\"x"');
  });

  it('is not one of a deeper object, of a list, or a value that says model', async () => {
    for (const value of [
      {},
      { a: 'model' },
      { messages: [{ model: 'x' }], tool: { model: 'x' }, list: ['model', 'x'] },
    ])
      expect((await search(searchJson, json(value))).state).toEqual({ kind: 'none' });
    expect((await search(searchJson, json({ a: { model: 'x' }, model: 'y' }))).state).toEqual(found('y'));
  });

  it('needs no more of the body than up to it', async () => {
    const body = Buffer.concat([Buffer.from('{"model":"m","prompt":"'), Buffer.alloc(1_000_000, 'x')]);
    const every = Array.from({ length: 100 }, (_, at) => at * 10_000);
    expect(await search(searchJson, body, every)).toMatchObject({ state: found('m'), read: 10_000 });
  });

  it('is said to be missing or wrong', async () => {
    for (const text of [
      '',
      '[]',
      '"x"',
      '{"model":1}',
      '{"model":null}',
      '{"model":{"a":1}}',
      '{"model',
      '{x',
      'null',
    ])
      expect((await search(searchJson, Buffer.from(text))).state, text).toMatchObject({ kind: 'invalid' });
  });
});

describe('the model in a form', () => {
  const boundary = 'xYzZy';
  const form = (parts: readonly (readonly [string, string, string?])[]): Buffer =>
    Buffer.from(
      `${parts
        .map(([name, value, file]) => {
          const named = `Content-Disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ''}`;
          return `--${boundary}\r\n${named}\r\n${file ? 'Content-Type: audio/wav\r\n' : ''}\r\n${value}\r\n`;
        })
        .join('')}--${boundary}--\r\n`,
    );
  const make = () => searchForm(`multipart/form-data; boundary=${boundary}`);

  it('is found before and after a file, however the body is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 2000 }), fc.boolean(), cuts, async (file, isLast, where) => {
        const parts = [
          ['model', 'gpu-01/whisper'],
          ['file', file, 'a.wav'],
          ['language', 'en'],
        ] as const;
        const body = form(isLast ? [...parts].reverse() : parts);
        const { state, finder } = await search(make, body, where);
        expect(state).toEqual(found('gpu-01/whisper'));
        const span = finder.span(body);
        expect(span && body.subarray(span.start, span.end).toString()).toBe('gpu-01/whisper');
      }),
    );
  });

  it('is replaced in its own part, and not in another one with the same value', async () => {
    const body = form([
      ['prompt', 'a/b'],
      ['model', 'a/b'],
    ]);
    const { finder } = await search(make, body);
    const span = finder.span(body);
    expect(span?.start).toBe(body.lastIndexOf('a/b'));
  });

  it('is said to be missing or wrong', async () => {
    expect((await search(make, form([['file', 'x', 'a.wav']]))).state).toEqual({ kind: 'none' });
    expect((await search(() => searchForm('multipart/form-data'), Buffer.from('x'))).state).toMatchObject({
      kind: 'invalid',
    });
    expect((await search(make, Buffer.from('no form at all'))).state.kind).not.toBe('found');
  });
});
