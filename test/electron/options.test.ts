import { expect, it } from 'vitest';
import { AppError } from '#common/errors.ts';
import { readOptions } from '../../main/electron/options.ts';

it('reads the options of the desktop face', () => {
  expect(readOptions([])).toEqual({ demo: false, hidden: false, sshConfigPath: null, hostRegex: null });
  expect(readOptions(['--demo', '--hidden', '--ssh-config', 'a b/config', '--host-regex=^gpu'])).toEqual({
    demo: true,
    hidden: true,
    sshConfigPath: 'a b/config',
    hostRegex: /^gpu/,
  });
});

it('passes over the entry file and the switches of Chromium and Electron', () => {
  const args = ['--inspect=0', 'dist/electron/main.mjs', '--ozone-platform', 'x11', '--no-sandbox', '--demo'];
  expect(readOptions(args)).toMatchObject({ demo: true, sshConfigPath: null });
});

it.each([[['--ssh-config']], [['--ssh-config=']], [['--ssh-config', '--demo']], [['--host-regex', '(']]])(
  'refuses %j',
  (args) => {
    expect(() => readOptions(args)).toThrow(AppError);
  },
);
