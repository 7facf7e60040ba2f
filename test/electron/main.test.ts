import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./double.ts'));

// Vitest keeps a mock when it forgets the modules around it, so this is the double that the entry finds.
const double = (await import('electron')) as unknown as typeof import('./double.ts');
const argv = process.argv;

beforeEach(() => {
  double.resetDouble();
  // The entry runs when it is loaded: every test loads it, and what it imports, anew.
  vi.resetModules();
});
afterEach(() => {
  process.argv = argv;
});

async function run(...args: readonly string[]): Promise<void> {
  process.argv = ['electron', 'dist/electron/main.mjs', ...args];
  await import('../../main/electron/main.ts');
}

it('sets up what must stand before the app is ready', async () => {
  double.app.ready = new Promise(() => undefined);
  await run('--demo');
  expect(double.app.name).toBe('vllm-tray');
  expect(double.app.sandboxed).toBe(true);
  expect(double.protocol.privileged.map(({ scheme }) => scheme)).toEqual(['app']);
  expect(double.app.ended).toBeNull();
});

it('lives on where what reads its output is gone', async () => {
  double.app.ready = new Promise(() => undefined);
  const outputs = [process.stdout, process.stderr];
  const before = outputs.map((output) => output.listeners('error').length);
  await run('--demo');
  expect(outputs.map((output) => output.listeners('error').length)).toEqual(before.map((count) => count + 1));
  for (const output of outputs) output.emit('error', new Error('write EPIPE'));
});

it('asks for no sandbox where pages were prepared without one', async () => {
  double.app.ready = new Promise(() => undefined);
  double.app.switches = ['no-sandbox'];
  await run('--demo', '--no-sandbox');
  expect(double.app.sandboxed).toBe(false);
});

it('takes what its AppImage added out of the environment of every program that it starts', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { APPDIR: '/tmp/.mount_x', LD_LIBRARY_PATH: '/tmp/.mount_x/usr/lib' });
  double.app.ready = new Promise(() => undefined);
  try {
    await run('--demo');
    expect([process.env.APPDIR, process.env.LD_LIBRARY_PATH]).toEqual([undefined, undefined]);
    expect(process.env.PATH).toBe(before.PATH);
  } finally {
    Object.assign(process.env, before);
  }
});

it('leaves everything to the instance that already runs', async () => {
  double.app.hasLock = false;
  await run('--show=models');
  expect(double.app.ended).toBe(0);
  expect(double.app.handedOver).toEqual({ hidden: false, show: '#models' });
  expect(double.protocol.privileged).toEqual([]);
  expect(double.BrowserWindow.all).toEqual([]);
});

it('ends with 2 on bad usage', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await run('--host-regex', '(');
  expect(double.app.ended).toBe(2);
  expect(written.mock.calls.join()).toContain('--host-regex (: It must be a regular expression');
  written.mockRestore();
});

it('says why it could not start, and ends with 1', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  double.app.ready = Promise.reject(new Error('no display'));
  await run();
  await vi.waitFor(() => expect(double.app.ended).toBe(1));
  expect(double.dialog.errors).toEqual(['vllm-tray could not start: no display']);
  written.mockRestore();
});
