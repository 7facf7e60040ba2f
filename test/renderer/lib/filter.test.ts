import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelLoad } from '#common/servers.ts';
import { createFilter } from '../../../renderer/lib/filter.ts';
import { parseQuery, quoted, type Term, withoutTerm } from '../../../renderer/lib/query.ts';
import { forwardSubject, hostSubject, serverSubject } from '../../../renderer/lib/subjects.ts';
import { complete } from '../../../renderer/lib/suggest.ts';
import { runs } from '../../support/runs.ts';
import { aFailure, aLoad, aProcess } from '../../support/samples.ts';
import { busyGpu, failedHost, forward, gpu, host, idleRule, server, snapshot } from '../samples.ts';

const read = (filter: string) =>
  parseQuery(filter).map(({ source: _source, from: _from, to: _to, excludes, ...rest }) =>
    excludes ? { ...rest, excludes } : rest,
  );

describe('the language', () => {
  test('reads every form', () => {
    expect(read('h100 "two words" idle FREE free>=4 mem>=40GiB kind:H100 user:Alice model:llama')).toEqual([
      { kind: 'word', text: 'h100' },
      { kind: 'word', text: 'two words' },
      { kind: 'idle' },
      { kind: 'idle' },
      { kind: 'free', comparison: '>=', value: 4 },
      { kind: 'mem', comparison: '>=', value: 40 },
      { kind: 'kind', text: 'h100' },
      { kind: 'user', text: 'alice' },
      { kind: 'model', text: 'llama' },
    ]);
    expect(read('group:H100')).toEqual([{ kind: 'group', text: 'h100' }]);
    expect(read('state:up host:gpu -word -user:bob -idle -"a b" kind:"H100 80GB"')).toEqual([
      { kind: 'state', text: 'up' },
      { kind: 'host', text: 'gpu' },
      { kind: 'word', text: 'word', excludes: true },
      { kind: 'user', text: 'bob', excludes: true },
      { kind: 'idle', excludes: true },
      { kind: 'word', text: 'a b', excludes: true },
      { kind: 'kind', text: 'h100 80gb' },
    ]);
  });

  test.each([
    ['mem>=40', 40],
    ['mem>=40g', 40],
    ['mem>=40GB', 40],
    ['mem>=1.5T', 1536],
    ['mem≥1,5TiB', 1536],
    ['mem>=24576MiB', 24],
  ])('%s', (filter, gib) => {
    expect(read(filter)).toEqual([{ kind: 'mem', comparison: '>=', value: gib }]);
  });

  test('compares in every way, and takes a colon for an equals sign', () => {
    const comparisons = ['free>2', 'free<2', 'free<=2', 'free≤2', 'free=2', 'free:2'].flatMap(
      (filter) => parseQuery(filter)[0] ?? [],
    );
    expect(comparisons.map((term) => 'comparison' in term && term.comparison)).toEqual([
      '>',
      '<',
      '<=',
      '<=',
      '=',
      '=',
    ]);
  });

  test('says what it cannot use, and leaves text with colons alone', () => {
    expect(read('colour:red temp>=60 free>=many mem>=40kg free>= kind: user>2 >=4')).toEqual([
      { kind: 'unusable', why: 'unknown-key', key: 'colour' },
      { kind: 'unusable', why: 'unknown-key', key: 'temp' },
      { kind: 'unusable', why: 'no-number', key: 'free' },
      { kind: 'unusable', why: 'no-number', key: 'mem' },
      { kind: 'unusable', why: 'no-number', key: 'free' },
      { kind: 'unusable', why: 'no-text', key: 'kind' },
      { kind: 'unusable', why: 'no-text', key: 'user' },
      { kind: 'unusable', why: 'no-key', key: '>=' },
    ]);
    const plain = [
      'gpu-01:8000',
      'localhost:16100',
      ':8000',
      'llama3:8b',
      'http://a/b',
      '"colour:red"',
      'a@b',
      '-',
    ];
    for (const text of plain)
      expect(read(text), text).toEqual([{ kind: 'word', text: text.replaceAll('"', '') }]);
  });

  test('a quote that is still open reaches to the end, and one without anything says nothing', () => {
    expect(read('idle "two wo')).toEqual([{ kind: 'idle' }, { kind: 'word', text: 'two wo' }]);
    expect(read('"')).toEqual([]);
    expect(read('-""')).toEqual([]);
  });

  const soup = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom('"', '-', ' ', ':', '>=', '=', 'free', 'mem', 'kind', 'idle', '4', 'é', '\n'), {
        maxLength: 14,
      })
      .map((parts) => parts.join('')),
  );

  test('never throws; terms stand in order where they say, and one can be taken out without touching the others', () => {
    fc.assert(
      fc.property(soup, (filter) => {
        const terms = parseQuery(filter);
        let end = 0;
        for (const { from, to, source } of terms) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(filter.slice(from, to)).toBe(source);
          end = to;
        }
        const bare = (all: readonly Term[]) => all.map(({ from: _from, to: _to, ...rest }) => rest);
        terms.forEach((term, index) => {
          expect(bare(parseQuery(withoutTerm(filter, term)))).toEqual(
            bare(terms.filter((_one, at) => at !== index)),
          );
        });
      }),
      runs(2000),
    );
  });

  test('quoting makes any text one plain word, also behind a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (raw) => {
        const text = raw.replaceAll('"', '').toLowerCase();
        if (text.trim() === '') return;
        expect(read(quoted(raw))).toEqual([{ kind: 'word', text }]);
        expect(read(`kind:${quoted(raw)}`)).toEqual([{ kind: 'kind', text }]);
      }),
    );
  });
});

const big = (index: number, change = {}) =>
  gpu(index, { name: 'NVIDIA H200', memTotalMiB: 143_771, ...change });
const small = (index: number, change = {}) =>
  gpu(index, { name: 'NVIDIA L40S', memTotalMiB: 46_068, ...change });

describe('matching', () => {
  const process = { ...aProcess, user: 'Alice', command: 'python train.py' };
  const hosts = [
    host('eight', 8, 0),
    host('mixed', 0, 0, {
      gpus: [small(0), small(1), big(2, { idleStreak: 0, utilPct: 90, processes: [process] })],
    }),
    host('away', 4, 0, { state: { kind: 'stale', failure: aFailure('connection-lost') } }),
    failedHost('off'),
  ];
  const found = (filter: string) => {
    const { matches } = createFilter(filter, idleRule);
    const models = (id: string) => (id === 'eight' ? ['org/Llama-3'] : []);
    return hosts.filter((one) => matches(hostSubject(one, models(one.id)))).map(({ id }) => id);
  };

  test.each([
    ['', ['eight', 'mixed', 'away', 'off']],
    ['  ', ['eight', 'mixed', 'away', 'off']],
    ['EIGHT llama h100', ['eight']],
    ['"train.py"', ['mixed']],
    ['"python train"', ['mixed']],
    ['me@mixed.example.org', ['mixed']],
    ['idle', ['eight', 'mixed']],
    ['-idle', ['away', 'off']],
    ['free>=3', ['eight']],
    ['free<3', ['mixed', 'away', 'off']],
    ['free=2', ['mixed']],
    ['mem>=80', ['eight', 'mixed', 'away']],
    ['mem<80', ['mixed']],
    ['kind:h200', ['mixed']],
    ['idle kind:h200', []],
    ['idle kind:l40s', ['mixed']],
    ['free>=2 mem>=45', ['eight', 'mixed']],
    ['free>=2 mem>=48', ['eight']],
    ['-kind:h100', ['mixed', 'off']],
    ['user:alice', ['mixed']],
    ['-user:alice', ['eight', 'away', 'off']],
    ['model:llama', ['eight']],
    ['state:unreach', ['off']],
    ['state:перестал', ['away']],
    ['"на связи"', ['eight', 'mixed']],
    ['mem>=80ГиБ', ['eight', 'mixed', 'away']],
    ['mem<80гб', ['mixed']],
    ['-state:up', ['away', 'off']],
    ['host:MIX', ['mixed']],
    ['-mixed -off', ['eight', 'away']],
    ['colour:red host:off', ['off']],
  ])('%s', (filter, expected) => {
    expect(found(filter)).toEqual(expected);
  });

  test('models and forwards are asked for their own state and model, and for their host', () => {
    const [eight] = hosts;
    if (eight === undefined) throw new Error('no host');
    const one = server('eight', 8000, ['a'], { state: { kind: 'starting' } });
    const starting = serverSubject(eight, one, one.models[0] ?? null);
    const open = forwardSubject(forward('eight', 8000, 16_100), eight, server('eight', 8000, ['org/a']));
    const matches = (filter: string) => createFilter(filter, idleRule).matches;
    expect(matches('state:starting model:a free>=8 eight:8000')(starting)).toBe(true);
    expect(matches('state:up')(starting)).toBe(false);
    expect(matches('запуск state:запуск')(starting)).toBe(true);
    expect(matches('state:открыт')(open)).toBe(true);
    expect(matches('-открыт')(open)).toBe(false);
    expect(matches('state:listening model:org localhost:16100 host:eight')(open)).toBe(true);
    expect(matches('idle')(forwardSubject(forward('gone', 1, 2), null, undefined))).toBe(false);
  });
});

describe('how busy a model is', () => {
  const load = (model: string, waiting: number | null, kvCachePct: number | null) =>
    ({ ...aLoad, model, waiting, kvCachePct }) satisfies ModelLoad;
  const [busy, calm] = [load('a', 3, 70), load('b', 0, 92)];
  const two = server('eight', 8000, ['a', 'b', 'c'], { loads: [busy, calm] });
  const eight = host('eight', 8, 0);
  const found = (filter: string) => {
    const { matches } = createFilter(filter, idleRule);
    return two.models.filter((model) => matches(serverSubject(eight, two, model))).map(({ id }) => id);
  };

  test.each([
    ['waiting>0', ['a']],
    ['waiting=0', ['b']],
    ['-waiting>0', ['b', 'c']],
    ['kv>80', ['b']],
    ['kv>80%', ['b']],
    ['kv>=70 waiting<5', ['a', 'b']],
    ['kv>80 waiting>0', []],
    ['state:busy', ['a', 'b']],
    ['state:занят', ['a', 'b']],
    ['state:up', ['a', 'b', 'c']],
    ['waiting>many', ['a', 'b', 'c']],
  ])('%s', (filter, expected) => {
    expect(found(filter)).toEqual(expected);
  });

  test('is asked of a host and of a forward through one of the models behind it', () => {
    const { matches } = createFilter('waiting>0', idleRule);
    expect(matches(hostSubject(eight, ['a', 'b'], [calm, busy]))).toBe(true);
    expect(matches(hostSubject(eight, ['a', 'b']))).toBe(false);
    expect(createFilter('kv>80 waiting>0', idleRule).matches(hostSubject(eight, [], [calm, busy]))).toBe(
      false,
    );
    expect(matches(forwardSubject(forward('eight', 8000, 16_100), eight, two))).toBe(true);
  });

  test('is suggested', () => {
    const shot = snapshot({ hosts: [eight], servers: [two] });
    const offered = (filter: string) =>
      complete(filter, filter.length, { snapshot: shot, all: false }).suggestions.map(({ text }) => text);
    expect(offered('wai')).toEqual(['waiting>']);
    expect(offered('kv>')).toEqual(['kv>50', 'kv>80', 'kv>90']);
    expect(offered('waiting>')).toEqual(['waiting>0', 'waiting>10']);
    expect(offered('state:b')).toEqual(['state:busy']);
  });
});

describe('suggestions', () => {
  const shot = snapshot({
    hosts: [host('gpu01', 0, 0, { gpus: [busyGpu(0), small(1), big(2)] })],
    servers: [server('gpu01', 8000, ['org/Llama 3'])],
  });
  const offered = (filter: string, all = false) =>
    complete(filter, filter.length, { snapshot: shot, all }).suggestions.map(({ text }) => text);

  test('keys by what is typed of them, and all of them on demand', () => {
    expect(offered('idle k')).toEqual(['kv>', 'kind:']);
    expect(offered('m')).toEqual(['mem>=', 'model:']);
    expect(offered('-us')).toEqual(['user:']);
    expect(offered('kind:"NVIDIA L40S" us')).toEqual(['user:']);
    expect(offered('')).toEqual([]);
    expect(offered('', true)).toEqual([
      'idle',
      'free>=',
      'mem>=',
      'waiting>',
      'kv>',
      'kind:',
      'user:',
      'model:',
      'state:',
      'host:',
    ]);
  });

  test('groups where there are some', () => {
    const hosts = [host('a', 1, 0, { group: 'h100' }), host('b', 1, 0, { group: 'two words' })];
    const texts = (filter: string) =>
      complete(filter, filter.length, { snapshot: snapshot({ hosts }), all: false }).suggestions.map(
        ({ text }) => text,
      );
    expect(texts('gr')).toEqual(['group:']);
    expect(texts('group:')).toEqual(['group:h100', 'group:"two words"']);
    const matches = hosts.map((one) => createFilter('group:H1', idleRule).matches(hostSubject(one, [])));
    expect(matches).toEqual([true, false]);
    expect(createFilter('group:x', idleRule).matches(hostSubject(host('c', 1, 0), []))).toBe(false);
  });

  test('after a key the values that there are, quoted where they need it', () => {
    expect(offered('kind:l40')).toEqual(['kind:"NVIDIA L40S"']);
    expect(offered('user:')).toEqual(['user:alice']);
    expect(offered('model:lla')).toEqual(['model:"org/Llama 3"']);
    expect(offered('state:')).toEqual(['state:up']);
    expect(offered('host:')).toEqual(['host:gpu01']);
    expect(offered('mem>=')).toEqual(['mem>=45GiB', 'mem>=80GiB', 'mem>=140GiB']);
    expect(offered('colour:')).toEqual([]);
  });

  test('takes the place of the term at the caret, and leaves a minus sign', () => {
    const { from, to, suggestions } = complete('idle -kin alice', 9, { snapshot: shot, all: false });
    expect('idle -kin alice'.slice(from, to)).toBe('kin');
    expect(suggestions.map(({ text }) => text)).toEqual(['kind:']);
  });
});
