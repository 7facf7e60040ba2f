import { expect, it } from 'vitest';
import { OptionError } from '#app/options.ts';
import { handOver, readOptions, takeOver } from '../../main/electron/options.ts';

const none = { hidden: false, place: null };

it('reads the options of the desktop face', () => {
  expect(readOptions([])).toEqual(none);
  const args = [
    '--demo',
    '--hidden',
    '--show',
    'gpus/a b',
    '--ssh-config',
    'a b/config',
    '--host-regex=^gpu',
  ];
  expect(readOptions(args)).toEqual({
    demo: true,
    hidden: true,
    place: { view: 'gpus', id: 'a b' },
    sshConfig: 'a b/config',
    hostRegex: /^gpu/,
  });
});

it('passes over the entry file and the switches of Chromium and Electron', () => {
  const args = ['--inspect=0', 'dist/electron/main.mjs', '--ozone-platform', 'x11', '--no-sandbox', '--demo'];
  expect(readOptions(args)).toEqual({ ...none, demo: true });
});

it.each([
  [['--ssh-config']],
  [['--ssh-config=']],
  [['--ssh-config', '--demo']],
  [['--host-regex', '(']],
  [['--show', 'everything']],
  [['--show=gpus2/a']],
])('refuses %j', (args) => {
  expect(() => readOptions(args)).toThrow(OptionError);
});

it('hands over to the instance that runs what this one was to show', () => {
  const handed = (...args: readonly string[]) => structuredClone(handOver(readOptions(args)));
  expect(takeOver(handed())).toEqual({ place: undefined });
  expect(takeOver(handed('--show=models/a:8000'))).toEqual({ place: { view: 'models', id: 'a:8000' } });
  expect(takeOver(handed('--hidden'))).toBeNull();
});

it.each([undefined, null, 'x', [], { show: 7 }, { show: {} }])('shows the window for %j', (data) => {
  expect(takeOver(data)).toEqual({ place: undefined });
});

it('bounds what it is handed', () => {
  const taken = takeOver({ show: `#gpus/${'x'.repeat(1_000_000)}` });
  expect(taken?.place?.id?.length).toBeLessThan(1000);
});
