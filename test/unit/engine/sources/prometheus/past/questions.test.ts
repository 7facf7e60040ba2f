import { describe, expect, it } from 'vitest';
import type { Gpu } from '#common/hosts.ts';
import { gpuExporters } from '#engine/sources/prometheus/exporters/registry.ts';
import {
  hostQuestions,
  type Known,
  type Question,
  serverQuestions,
} from '#engine/sources/prometheus/past/questions.ts';
import { addSeries } from '#engine/sources/prometheus/past/read-past.ts';
import type { Identity } from '#engine/sources/prometheus/survey.ts';
import { aGpu } from '../../../../../support/samples.ts';

const grid = { startS: 0, endS: 86_400, stepS: 240, meanS: 240, rateS: 240 };
type Labels = Readonly<Record<string, string>>;

const identityOf = (labels: Labels, named: Identity['named']): Identity => ({
  ...gpuExporters.dcgm.labels(labels),
  exporter: 'dcgm',
  named,
});
const byUuid = (uuid: string): Identity => identityOf({ gpu: '0', UUID: uuid }, ['UUID', uuid]);

interface Host {
  readonly gpus?: readonly Gpu[];
  readonly identities?: Readonly<Record<string, readonly Identity[]>>;
  /** Instances of vLLM. */
  readonly models?: readonly string[];
}

/** The host `gpu01` as a source knows it, beside another one. */
function known({ gpus = [], identities = {}, models = [] }: Host): Known {
  const target = (host: string, scraped: string) =>
    [scraped, { by: ['instance', scraped], scraped, host, job: 'j', labels: {} }] as const;
  const instances = [...Object.keys(identities), ...models];
  return {
    entry: { found: { name: 'gpu01' }, gpus },
    survey: {
      names: new Map([['vllm:num_requests_running', 1]]),
      targets: new Map([
        ...instances.map((instance) => target('gpu01', instance)),
        target('gpu02', 'gpu02:9400'),
        target('gpu02', 'gpu02:8000'),
      ]),
      identities: new Map([
        ...Object.entries(identities).map(
          ([instance, some]) =>
            [instance, new Map(some.map((identity, at) => [String(at), identity]))] as const,
        ),
        ['gpu02:9400', new Map([['0', byUuid('GPU-other')]])],
      ]),
      utilFactor: 1,
    },
  };
}

const matchersOf = (questions: readonly Question[]): readonly string[] => [
  ...new Set(questions.map(({ query }) => /\{([^}]*)\}\[/.exec(query)?.[1] ?? '')),
];

describe('the GPUs of a host', () => {
  it('are asked for by their UUIDs, once for each metric, and no other GPU is', () => {
    const questions = hostQuestions(
      known({ identities: { '10.0.0.1:9400': [byUuid('GPU-1'), byUuid('GPU-2')] } }),
      grid,
    );
    expect(questions).toHaveLength(2);
    expect(matchersOf(questions)).toEqual(['UUID=~"GPU-1|GPU-2"']);
  });

  it('without a UUID are asked for by their instance', () => {
    const questions = hostQuestions(
      known({ identities: { 'gpu01:9400': [identityOf({ gpu: '0' }, null)] } }),
      grid,
    );
    expect(matchersOf(questions)).toEqual(['instance=~"gpu01:9400"']);
    expect(questions[0]?.lineOf({ gpu: '0' })).toEqual({ column: 'nvidia-0 utilPct', isPart: false });
  });

  it('of a host that is hundreds are asked for in parts of a bounded length', () => {
    const many = Array.from({ length: 300 }, (_none, at) => byUuid(`GPU-${String(at).padStart(36, '0')}`));
    const matchers = matchersOf(hostQuestions(known({ identities: { 'gpu01:9400': many } }), grid));
    expect(matchers.length).toBeGreaterThan(300 / 33);
    for (const matcher of matchers) expect(matcher.length).toBeLessThan(1600);
    expect(matchers.flatMap((matcher) => matcher.match(/GPU\\?-\d+/g) ?? [])).toHaveLength(300);
  });

  it('are asked for nowhere else than where they are known', () => {
    expect(hostQuestions(known({}), grid)).toEqual([]);
  });

  it('have their lines by the UUID, however the exporter writes it', () => {
    const [util, memory] = hostQuestions(known({ identities: { 'gpu01:9400': [byUuid('GPU-1')] } }), grid);
    expect(util?.lineOf({ gpu: '0', UUID: 'GPU-1' })).toEqual({ column: 'GPU-1 utilPct', isPart: false });
    expect(memory?.lineOf({ uuid: 'GPU-1' })).toEqual({ column: 'GPU-1 memUsedMiB', isPart: false });
    expect(util?.lineOf({})).toBeNull();
  });

  it('with MIG on have no utilisation, and the memory of their instances', () => {
    const mig = { ...aGpu, uuid: 'GPU-1', instances: [] };
    const [util, memory] = hostQuestions(
      known({ gpus: [mig], identities: { 'gpu01:9400': [byUuid('GPU-1')] } }),
      grid,
    );
    expect(util?.lineOf({ UUID: 'GPU-1' })).toBeNull();
    expect(util?.lineOf({ UUID: 'GPU-2', GPU_I_ID: '1' })).toBeNull();
    if (memory === undefined) throw new Error('no question');
    const table = new Map();
    addSeries(table, memory, [
      { metric: { UUID: 'GPU-1', GPU_I_ID: '1' }, values: [[240, '1000']] },
      { metric: { UUID: 'GPU-1', GPU_I_ID: '2' }, values: [[240, '500']] },
    ]);
    expect(table.get('GPU-1 memUsedMiB').parts).toEqual(new Map([[240, 1500]]));
  });

  it('say nothing where an exporter said "nothing there"', () => {
    const [util, memory] = hostQuestions(known({ identities: { 'gpu01:9400': [byUuid('GPU-1')] } }), grid);
    expect([util?.meant(42.5), util?.meant(1e17), util?.meant(-1)]).toEqual([42.5, null, null]);
    expect([memory?.meant(81_000), memory?.meant(4.6e18)]).toEqual([81_000, null]);
  });
});

describe('a model server', () => {
  it('is asked for by the instance at its port, and one of another host or port is not', () => {
    const host = known({ models: ['gpu01:8000', 'gpu01:8001', 'https://gpu01:8000/metrics', 'gpu01'] });
    expect(matchersOf(serverQuestions(host, 8000, grid))).toEqual([
      'instance=~"gpu01:8000|https://gpu01:8000/metrics"',
    ]);
    expect(matchersOf(serverQuestions(host, 0, grid))).toEqual(['instance=~"gpu01"']);
    expect(serverQuestions(host, 9000, grid)).toEqual([]);
  });

  it('has a line for each model', () => {
    const [running] = serverQuestions(known({ models: ['gpu01:8000'] }), 8000, grid);
    expect(running?.lineOf({ model_name: 'Qwen' })).toEqual({ column: 'Qwen running', isPart: false });
    expect(running?.lineOf({})).toEqual({ column: ' running', isPart: false });
  });
});
