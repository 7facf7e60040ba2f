import { expect, it, onTestFinished, vi } from 'vitest';
import { startDemoCluster } from '../../../main/demo/cluster.ts';
import { engineFor } from '../../support/engine-for.ts';

/** An engine on hosts that are like a user's own; nobody has agreed yet that they are contacted. */
async function openEngine() {
  const cluster = await startDemoCluster();
  const engine = engineFor(cluster.sshConfigPath, { env: process.env });
  onTestFinished(async () => {
    await engine.dispose();
    await cluster.dispose();
  });
  await engine.loadHosts();
  engine.begin();
  return engine;
}

it('contacts nobody before the person has agreed, and begins by itself then', async () => {
  const engine = await openEngine();
  const states = () => new Set(engine.snapshot().hosts.map(({ state }) => state.kind));
  expect(states()).toEqual(new Set(['unresolved']));
  expect(engine.snapshot().scan.kind).toBe('never');
  await engine.handlers['settings.update']({ change: { welcomed: true } });
  await vi.waitFor(() => expect(engine.snapshot().scan.kind).toBe('done'), { timeout: 25_000 });
  expect(states()).toContain('up');
  // Where a host is, and by which client it is reached, is known also of those that do not answer.
  for (const { alias, endpoint, state, client } of engine.snapshot().hosts) {
    expect(endpoint, alias).toMatchObject({ hostname: '127.0.0.1', user: 'demo' });
    expect(client, alias).toBe(state.kind === 'up' || state.kind === 'no-gpu' ? 'built-in' : null);
  }
});

it('never contacts a host that is switched off together with the first yes', async () => {
  const engine = await openEngine();
  const touched = new Set<string>();
  engine.subscribe(() => {
    for (const { alias, state } of engine.snapshot().hosts)
      if (state.kind !== 'unresolved') touched.add(alias);
  });
  expect(await engine.handlers['scan.start']({})).toEqual({ total: 0 });
  const [first = '', ...others] = engine.snapshot().hosts.map(({ alias }) => alias);
  await engine.handlers['settings.update']({ change: { excludedHosts: others, welcomed: true } });
  await vi.waitFor(() => expect(engine.snapshot().scan.kind).toBe('done'), { timeout: 25_000 });
  expect([...touched]).toEqual([first]);
});

it('tells of a change of the settings before it answers', async () => {
  const engine = await openEngine();
  const themes: string[] = [];
  engine.subscribe(({ settings }) => settings !== undefined && themes.push(settings.theme));
  await engine.handlers['settings.update']({ change: { theme: 'light' } });
  expect(themes).toEqual(['light']);
  await engine.handlers['settings.update']({ change: { theme: 'dark' } });
  expect(themes).toEqual(['light', 'dark']);
});

it('lets hosts go that are switched off while it runs, and takes them up again', async () => {
  const engine = await openEngine();
  const aliases = () => engine.snapshot().hosts.map(({ alias }) => alias);
  const [first = '', ...others] = aliases();
  await engine.handlers['settings.update']({ change: { excludedHosts: others } });
  await vi.waitFor(() => expect(aliases()).toEqual([first]));
  expect(engine.snapshot().excludedAliases).toEqual(others);
  await engine.handlers['settings.update']({ change: { excludedHosts: [], hostPattern: `^${first}$` } });
  await vi.waitFor(() => expect(aliases()).toEqual([first]));
  await engine.handlers['settings.update']({ change: { hostPattern: '' } });
  await vi.waitFor(() => expect(aliases()).toEqual([first, ...others]));
  expect(engine.snapshot().scan.kind).toBe('never');
});

it('keeps telling what a face has reported, also after the configuration was read again', async () => {
  const engine = await openEngine();
  const problem = { code: 'no-tray', detail: '' } as const;
  engine.report(problem);
  expect(engine.snapshot().problems).toEqual([problem]);
  await engine.loadHosts();
  expect(engine.snapshot().problems).toEqual([problem]);
});
