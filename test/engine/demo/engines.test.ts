import pLimit from 'p-limit';
import { expect, onTestFinished, test } from 'vitest';
import type { ModelServer } from '#common/servers.ts';
import { createLoadReader } from '#engine/models/load-reader.ts';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { playedEngines } from '../../../main/demo/engines/registry.ts';
import { startModelServer } from '../../../main/demo/model-server.ts';
import { createRandom } from '../../../main/demo/random.ts';
import { createServerLoad } from '../../../main/demo/server-load.ts';
import type { DemoEngine, ModelServerSpec } from '../../../main/demo/specs.ts';
import { discover, listens } from '../../support/discovery.ts';
import { createLocalTransport } from '../../support/local-transport.ts';

const specs = demoHosts
  .flatMap(({ services }) => services)
  .filter((service): service is ModelServerSpec => service.kind !== 'jupyter');

const kinds = Object.keys(playedEngines) as DemoEngine[];

test.each(kinds)('%s is played so that it is known for what it is, with its load', async (kind) => {
  const spec = specs.find((one) => one.kind === kind) ?? expect.fail(`no host of the demo serves ${kind}`);
  const load = createServerLoad({ ...spec, apiKey: null }, createRandom(3));
  const started = await startModelServer(load, { hostAlias: 'demo', seed: 1 });
  onTestFinished(() => started.close());
  const [found] = await discover({ listening: [listens(started.port)] }).result;
  expect(found).toMatchObject({
    engine: kind,
    version: spec.version,
    state: { kind: 'up' },
    models: [{ id: spec.model }],
  });
  const loads = await loadsOf(found ?? expect.fail('no server'));
  const { running, waiting, generationTokens } = load.figures();
  const expected = { running, waiting, generationTokensTotal: generationTokens };
  expect(loads).toEqual(kind === 'ollama' ? [] : [expect.objectContaining(expected)]);
});

async function loadsOf(server: ModelServer): Promise<ModelServer['loads']> {
  const transport = createLocalTransport();
  const reader = createLoadReader({
    limit: pLimit(1),
    timeoutMs: () => 10_000,
    apiKeyFor: () => null,
    log: () => undefined,
  });
  onTestFinished(() => {
    reader.close();
    transport.close();
  });
  const answers = await reader.read([server], transport, new AbortController().signal);
  return answers.get(server.id)?.loads ?? [];
}
