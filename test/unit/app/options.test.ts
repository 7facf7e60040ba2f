import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { OptionError, sharedOptions, withOptions } from '#app/options.ts';
import { defaultSettings } from '#common/settings.ts';
import { addCommonOptions } from '../../../main/cli/options.ts';
import { readOptions } from '../../../main/electron/options.ts';
import { parseOptions } from '../../../main/web/options.ts';

/** What each face makes of the same words. */
const faces = {
  terminal(args: readonly string[]) {
    const silent = { writeOut: () => undefined, writeErr: () => undefined };
    const command = addCommonOptions(new Command('x')).exitOverride().configureOutput(silent);
    return command.parse([...args], { from: 'user' }).opts();
  },
  browser: parseOptions,
  desktop: readOptions,
} as const;

describe.each(Object.entries(faces))('the %s', (_name, read) => {
  it('takes each option that the faces share', () => {
    const args = [
      '--ssh-config',
      'a b/c',
      '--host-regex=^gpu',
      '--group',
      'h100',
      '--limit',
      '3',
      '--timeout=0.5',
      '--demo',
      '--debug',
    ];
    const all = {
      sshConfig: 'a b/c',
      hostRegex: /^gpu/,
      group: 'h100',
      limit: 3,
      timeout: 0.5,
      demo: true,
      debug: true,
    };
    expect(Object.keys(all)).toEqual(Object.keys(sharedOptions));
    expect(read(args)).toMatchObject(all);
  });

  it('leaves out what was not given', () => {
    for (const name of Object.keys(sharedOptions)) expect(read([])).not.toHaveProperty(name);
  });

  it.each([
    [['--host-regex', '('], 'It must be a regular expression.'],
    [['--limit', '0'], 'It must be a whole number from 1 to 200.'],
    [['--limit', '1e1'], 'It must be a whole number from 1 to 200.'],
    [['--timeout=301'], 'It must be a number of seconds from 0.5 to 300.'],
    [['--timeout', 'soon'], 'It must be a number of seconds from 0.5 to 300.'],
    [['--ssh-config='], 'It needs a value.'],
  ])('refuses %j in the same words', (args, sentence) => {
    expect(() => read(args)).toThrow(sentence);
  });

  it('takes no option for the value of the one before it', () => {
    expect(() => read(['--ssh-config', '--demo'])).toThrow();
  });
});

it('what cannot be used is bad usage, and names its option', () => {
  expect(() => readOptions(['--limit', '0'])).toThrow(OptionError);
  expect(() => parseOptions(['--limit', '0'])).toThrow(/^--limit 0: /);
});

it('change what they name in the settings, and nothing else', () => {
  expect(withOptions(defaultSettings, {})).toEqual(defaultSettings);
  expect(withOptions(defaultSettings, { limit: 3, timeout: 90 })).toEqual({
    ...defaultSettings,
    limits: { ...defaultSettings.limits, hosts: 3 },
    timeouts: { connectMs: 90_000, probeMs: 90_000, firstProbeMs: 90_000, httpMs: 60_000 },
  });
});
