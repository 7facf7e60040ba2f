/** The model servers of one host, with real servers behind real channels. */

import type { RequestListener } from 'node:http';
import pLimit from 'p-limit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { parseKin } from '#engine/probe/kin.ts';
import { createServerMeter } from '#engine/sources/ssh/server-meter.ts';
import { listens } from '../../../support/discovery.ts';
import { createLocalTransport, type LocalTransportOptions } from '../../../support/local-transport.ts';
import { always, engine, httpServer, list, page, vllm } from '../../../support/model-servers.ts';
import { snapshot } from '../../../support/snapshot.ts';

interface Given {
  readonly listening?: readonly number[];
  readonly remotePorts?: readonly number[] | null;
  readonly modelPorts?: Partial<Settings['modelPorts']>;
  readonly host?: LocalTransportOptions;
  readonly apiKey?: string;
}

/** A meter of this very machine, at which these ports are said to listen. */
function meterOf({ listening = [], remotePorts = null, modelPorts, host, apiKey }: Given) {
  const settings = { ...defaultSettings, modelPorts: { ...defaultSettings.modelPorts, ...modelPorts } };
  const transport = createLocalTransport(host);
  const forwarding: Host['forwarding'][] = [];
  const meter = createServerMeter('lab', {
    store: { current: () => snapshot({ settings }) },
    httpLimit: pLimit(8),
    remotePorts,
    apiKeyFor: () => apiKey ?? null,
    log: () => undefined,
    onForwarding: (value) => forwarding.push(value),
  });
  onTestFinished(() => {
    meter.close();
    transport.close();
  });
  let looks = 0;
  const { signal } = new AbortController();
  const measure = (known: readonly ModelServer[] = [], find = true) =>
    meter.measure({
      known,
      find,
      transport,
      signal,
      ...noProcesses,
      listening: async () => {
        looks += 1;
        return listening.map((port) => listens(port));
      },
    });
  return { measure, forwarding, opened: transport.opened, looks: () => looks };
}

/** Nothing is known of what listens. */
const noProcesses = { gpus: [], kin: async () => ({ ...parseKin(''), processes: new Map() }) };

const metrics = (running: number) =>
  [
    `vllm:num_requests_running{model_name="m"} ${running}.0`,
    'vllm:num_requests_waiting{model_name="m"} 3.0',
    '',
  ].join('\n');

/** A vLLM server with this many running requests. */
const serving = (running: number) =>
  engine({
    '/v1/models': list({ id: 'm', object: 'model', owned_by: 'vllm', max_model_len: 8192 }),
    '/version': page({ version: '0.11.0' }),
    '/metrics': { body: metrics(running), headers: { 'content-type': 'text/plain' } },
  });

describe('the model servers of a host', () => {
  it('are found behind the ports that listen, each with its load', async () => {
    const port = await httpServer(serving(2).handler);
    const { measure, forwarding } = meterOf({ listening: [port] });
    const [found, ...others] = await measure();
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: `lab:${port}`,
      engine: 'vllm',
      state: { kind: 'up' },
      loads: [{ model: 'm', running: 2, waiting: 3 }],
    });
    expect(forwarding).toEqual(['allowed']);
  });

  it('that are known are measured without another look at the ports', async () => {
    const model = serving(2);
    const port = await httpServer(model.handler);
    const { measure, looks } = meterOf({ listening: [port] });
    const known = await measure();
    model.set({ '/metrics': { body: metrics(7), headers: { 'content-type': 'text/plain' } } });
    const again = await measure(known, false);
    expect(again).toMatchObject([{ id: known[0]?.id, loads: [{ running: 7 }] }]);
    expect(looks()).toBe(1);
    expect(model.asked.filter((path) => path === '/v1/models')).toHaveLength(1);
  });

  it('are the same value while there are none', async () => {
    const { measure, opened } = meterOf({});
    const none: readonly ModelServer[] = [];
    expect(await measure(none, false)).toBe(none);
    expect(await measure(none, true)).toBe(none);
    expect(opened).toEqual([]);
  });

  it('have an unknown load where their metrics do not come, not the load of before', async () => {
    const model = serving(2);
    const port = await httpServer(model.handler);
    const { measure } = meterOf({ listening: [port] });
    const known = await measure();
    model.set({ '/metrics': { status: 500, body: 'broken' } });
    const [server] = await measure(known, false);
    expect(server).toMatchObject({ state: { kind: 'up' }, loads: [] });
  });

  it('are none where the host allows no forwarding, which is said and is no failure', async () => {
    const port = await httpServer(vllm('m'));
    const { measure, forwarding } = meterOf({ listening: [port], host: { prohibits: () => true } });
    expect(await measure()).toEqual([]);
    expect(forwarding).toEqual(['prohibited']);
  });

  it('are asked at the ports that a person names, and at no other', async () => {
    const [named, other] = await Promise.all([httpServer(vllm('named')), httpServer(vllm('other'))]);
    const { measure, opened } = meterOf({ listening: [named, other], remotePorts: [named] });
    expect((await measure()).map(({ port }) => port)).toEqual([named]);
    expect(opened.some((target) => target.endsWith(`:${other}`))).toBe(false);
  });

  it('are not asked at the ports that the settings skip', async () => {
    const port = await httpServer(vllm('m'));
    const { measure, opened } = meterOf({ listening: [port], modelPorts: { skip: [port] } });
    expect(await measure()).toEqual([]);
    expect(opened).toEqual([]);
  });

  it('are shown the key that is known, and are locked without it', async () => {
    const open = vllm('m');
    const locked: RequestListener = (request, response) =>
      request.headers.authorization === 'Bearer secret'
        ? open(request, response)
        : always(401, '{"error":"Unauthorized"}', 'application/json')(request, response);
    const port = await httpServer(locked);
    const given = { listening: [port], modelPorts: { extra: [port] } };
    const [shut] = await meterOf(given).measure();
    expect(shut).toMatchObject({ state: { kind: 'locked' }, models: [] });
    const [opened] = await meterOf({ ...given, apiKey: 'secret' }).measure();
    expect(opened).toMatchObject({ state: { kind: 'up' }, models: [{ id: 'm' }] });
  });

  it('fail with what the look at the ports fails with', async () => {
    const { meter, transport } = failing();
    const { signal } = new AbortController();
    const lost = new AppError('connection-lost');
    const places = { ...noProcesses, listening: () => Promise.reject(lost) };
    const query = { known: [], find: true, transport, signal, ...places };
    await expect(meter.measure(query)).rejects.toBe(lost);
  });
});

function failing() {
  const transport = createLocalTransport();
  onTestFinished(() => transport.close());
  const meter = createServerMeter('lab', {
    store: { current: () => snapshot() },
    httpLimit: pLimit(1),
    remotePorts: null,
    apiKeyFor: () => null,
    log: () => undefined,
    onForwarding: () => undefined,
  });
  onTestFinished(() => meter.close());
  return { meter, transport };
}
