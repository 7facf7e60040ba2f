import pLimit from 'p-limit';
import { expect, onTestFinished, test } from 'vitest';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import { createServerMeter } from '#engine/sources/ssh/server-meter.ts';
import { createStore } from '#engine/store.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createLocalTransport } from '../../../support/local-transport.ts';
import { engine, httpServer, list, type Page, page } from '../../../support/model-servers.ts';

const ok = page('');
const broken: Page = { status: 503, body: '' };
const metrics = (running: number, tokens: number): Page => ({
  body: [
    `vllm:num_requests_running{model_name="org/llama"} ${running}`,
    'vllm:num_requests_waiting{model_name="org/llama"} 0',
    'vllm:prompt_tokens_total{model_name="org/llama"} 100',
    `vllm:generation_tokens_total{model_name="org/llama"} ${tokens}`,
    '',
  ].join('\n'),
  headers: { 'content-type': 'text/plain; version=0.0.4' },
});

/** One vLLM that answers these pages, measured again and again on a clock of the test. */
async function measured(pages: Readonly<Record<string, Page>>) {
  const standIn = engine({
    '/v1/models': list({ id: 'org/llama', owned_by: 'vllm', max_model_len: 4096 }),
    '/version': page({ version: '0.11.0' }),
    '/is_sleeping': page({ is_sleeping: false }),
    '/health': ok,
    '/metrics': metrics(0, 10),
    ...pages,
  });
  const port = await httpServer(standIn.handler);
  const transport = createLocalTransport();
  const clock = createFakeClock();
  const store = createStore(emptySnapshot({ kind: 'demo' }, defaultSettings));
  const meter = createServerMeter('gpu-7', {
    store,
    httpLimit: pLimit(4),
    remotePorts: [port],
    apiKeyFor: () => null,
    log: () => undefined,
    onForwarding: () => undefined,
    clock,
  });
  onTestFinished(() => {
    meter.close();
    transport.close();
    store.dispose();
  });
  let known: readonly ModelServer[] = [];
  return {
    standIn,
    /** The state after so many seconds, at each of which it was measured, and looked for at every third. */
    async after(seconds: number, everyS = 5): Promise<ModelServer['state'] | undefined> {
      for (let passed = 0; passed <= seconds; passed += everyS) {
        if (passed > 0) await clock.advance(everyS * 1000);
        const query = { transport, known, signal: new AbortController().signal };
        known = await meter.measure({
          ...query,
          find: known.length === 0 || passed % 15 === 0,
          listening: async () => [],
          gpus: [],
          kin: async () => expect.fail('no process is known'),
        });
      }
      return known[0]?.state;
    },
  };
}

test('requests without a token for a minute are a stuck server, until one comes', async () => {
  const { standIn, after } = await measured({ '/metrics': metrics(2, 10) });
  expect(await after(55)).toEqual({ kind: 'up' });
  expect(await after(5)).toEqual({ kind: 'stuck', why: 'no-progress', since: 1_000_000_000_000 });
  expect(await after(60)).toMatchObject({ kind: 'stuck', since: 1_000_000_000_000 });
  standIn.set({ '/metrics': metrics(2, 11) });
  expect(await after(5)).toEqual({ kind: 'up' });
});

test('a health page that fails while the models are listed is a stuck server, without any request', async () => {
  const { standIn, after } = await measured({});
  expect(await after(60)).toEqual({ kind: 'up' });
  standIn.set({ '/health': broken });
  expect(await after(45)).toMatchObject({ kind: 'stuck', why: 'unhealthy' });
  standIn.set({ '/health': ok });
  expect(await after(15)).toEqual({ kind: 'up' });
});

test('the health page is asked twice a minute at most, and never a prompt', async () => {
  const { standIn, after } = await measured({ '/metrics': metrics(2, 10) });
  await after(0);
  standIn.asked.length = 0;
  await after(300);
  const asked = standIn.asked.filter((path) => path === '/health');
  expect(asked.length).toBeGreaterThan(5);
  // Both ends of five minutes are among them.
  expect(asked.length).toBeLessThanOrEqual(11);
  expect(standIn.asked.filter((path) => /completions|generate/.test(path))).toEqual([]);
});

test('a server without such a page, or one that is down with it, is not stuck', async () => {
  const { standIn, after } = await measured({ '/health': { status: 404, body: '' } });
  expect(await after(120)).toEqual({ kind: 'up' });
  expect(standIn.asked.filter((path) => path === '/health')).toHaveLength(2);
  standIn.set({ '/health': broken, '/v1/models': broken, '/metrics': broken });
  expect((await after(60))?.kind).not.toBe('stuck');
});

test('an engine whose health page generates is asked only where its load looks stuck', async () => {
  const sglang = (running: number): Page => ({
    body: `sglang:num_running_reqs{model_name="m"} ${running}\nsglang:generation_tokens_total{model_name="m"} 5\n`,
    headers: { 'content-type': 'text/plain; version=0.0.4' },
  });
  const { standIn, after } = await measured({
    '/v1/models': list({ id: 'm', owned_by: 'sglang' }),
    '/server_info': page({ version: '0.5.2' }),
    '/metrics': sglang(0),
  });
  await after(0);
  standIn.asked.length = 0;
  expect(await after(300)).toEqual({ kind: 'up' });
  expect(standIn.asked).not.toContain('/health');
  standIn.set({ '/metrics': sglang(1), '/health': broken });
  expect(await after(120)).toMatchObject({ kind: 'stuck', why: 'unhealthy' });
  expect(standIn.asked).toContain('/health');
});
