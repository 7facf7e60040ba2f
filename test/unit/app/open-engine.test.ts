import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { type OpenEngineDeps, openEngine } from '#app/open-engine.ts';
import { OptionError, type SharedOptions } from '#app/options.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'vt-open-'));
afterAll(() => rmSync(home, { recursive: true }));
const config = join(home, 'config');
writeFileSync(config, 'Host gpu-1 gpu-2 login\n');

async function open(options: SharedOptions, change: Partial<OpenEngineDeps> = {}) {
  const opened = await openEngine(options, {
    settings: defaultSettings,
    home,
    log: () => undefined,
    env: () => ({}),
    startDemo: async () => ({ sshConfigPath: config, dispose: async () => undefined }),
    withoutHosts: 'demo',
    ...change,
  });
  onTestFinished(opened.dispose);
  await opened.engine.loadHosts();
  return { ...opened, snapshot: opened.engine.snapshot };
}

it('lists the hosts that the options name', async () => {
  const { snapshot } = await open({ sshConfig: config, hostRegex: /^gpu/ });
  expect(snapshot().source).toEqual({ kind: 'ssh-config', path: config, configFile: config });
  expect(snapshot().hosts.map(({ alias }) => alias)).toEqual(['gpu-1', 'gpu-2']);
});

it('where there is no host shows the demo cluster to a person, and nothing to a script', async () => {
  expect((await open({})).source.kind).toBe('demo');
  expect((await open({}, { withoutHosts: 'nothing' })).source.kind).toBe('ssh-config');
  expect((await open({ demo: true }, { withoutHosts: 'nothing' })).source.kind).toBe('demo');
});

it('never shows the demo cluster in place of a configuration that was named and cannot be read', async () => {
  await expect(open({ sshConfig: join(home, 'nowhere') })).rejects.toThrow(OptionError);
});

it('asks for the environment by where the hosts come from', async () => {
  const kinds: string[] = [];
  const env: OpenEngineDeps['env'] = async ({ kind }) => {
    kinds.push(kind);
    return {};
  };
  await open({ sshConfig: config }, { env });
  await open({ demo: true }, { env });
  expect(kinds).toEqual(['ssh-config', 'demo']);
});

it('keeps what the options say above the stored settings, and stores none of it', async () => {
  let hear: (settings: Settings) => void = () => undefined;
  const stored: (readonly [number, number])[] = [];
  const { engine, snapshot } = await open(
    // No host is left that could be contacted.
    { sshConfig: config, hostRegex: /^none$/, limit: 3 },
    {
      followSettings(take) {
        hear = take;
        return () => undefined;
      },
      async saveSettings(after, before) {
        stored.push([before.limits.hosts, after.limits.hosts]);
      },
    },
  );
  expect(snapshot().settings.limits.hosts).toBe(3);
  engine.watch();
  hear({ ...defaultSettings, theme: 'light' });
  expect(engine.snapshot().settings).toMatchObject({ theme: 'light', limits: { hosts: 3 } });
  await engine.handlers['settings.update']({ change: { theme: 'dark' } });
  expect(stored).toEqual([[3, 3]]);
});
