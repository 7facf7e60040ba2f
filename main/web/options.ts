import { parseArgs } from 'node:util';
import {
  readNamed,
  readSharedOptions,
  readText,
  type SharedOptions,
  sharedArguments,
  sharedOptions,
  wholeNumber,
} from '#app/options.ts';

export interface WebOptions extends SharedOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly open: boolean;
  /** Where the token is, so that it is not printed; null: a random one, which is. */
  readonly tokenFile: string | null;
  readonly help: boolean;
}

const lines: readonly (readonly [string, string])[] = [
  ['--web', 'use the browser even where the desktop app could run'],
  ...Object.values(sharedOptions).map(
    ({ flag, value, help }) =>
      [value === null ? `--${flag}` : `--${flag} ${value.toUpperCase()}`, help] as const,
  ),
  ['--port N', 'port of the browser face on 127.0.0.1 (default: a free one)'],
  [
    '--token-file FILE',
    'take the token from a file that only you can read, made when there is none; it is not printed then',
  ],
  ['--no-open', 'print the address, open no browser'],
  ['--help', 'this text'],
];

export const usage = `Usage: npm start -- [options]

${lines.map(([option, what]) => `  ${option.padEnd(20)}${what}`).join('\n')}`;

/** Reads the command line of the browser face. Throws an Error with one sentence for what it does not understand. */
export function parseOptions(args: readonly string[]): WebOptions {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      ...sharedArguments,
      port: { type: 'string', default: '0' },
      web: { type: 'boolean', default: false },
      'token-file': { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const tokenFile = values['token-file'];
  return {
    ...readSharedOptions(values),
    port: readNamed('port', values.port, wholeNumber(0, 65_535)),
    open: values['no-open'] !== true,
    tokenFile: tokenFile === undefined ? null : readNamed('token-file', tokenFile, readText),
    help: values.help === true,
  };
}
