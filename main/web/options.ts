import { parseArgs } from 'node:util';

export interface WebOptions {
  readonly sshConfig: string | null;
  readonly demo: boolean;
  /** 0: any free one. */
  readonly port: number;
  readonly open: boolean;
  readonly hostRegex: RegExp | null;
  readonly debug: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm start -- [options]

  --web               use the browser even where the desktop app could run
  --demo              start on the demo cluster: simulated hosts on this computer
  --ssh-config FILE   SSH configuration to read (default: ~/.ssh/config)
  --host-regex RE     only hosts whose alias matches
  --port N            port of the browser face on 127.0.0.1 (default: a free one)
  --no-open           print the address, open no browser
  --debug             print the log
  --help              this text`;

/** Reads the command line of the browser face. Throws an Error with one sentence for what it does not understand. */
export function parseOptions(args: readonly string[]): WebOptions {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      'ssh-config': { type: 'string' },
      'host-regex': { type: 'string' },
      port: { type: 'string', default: '0' },
      demo: { type: 'boolean', default: false },
      web: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      debug: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    sshConfig: values['ssh-config'] ?? null,
    demo: values.demo,
    port: parsePort(values.port),
    open: !values['no-open'],
    hostRegex: parseRegex(values['host-regex']),
    debug: values.debug,
    help: values.help,
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--port: ${text} is not a port (0 to 65535).`);
  return port;
}

function parseRegex(text: string | undefined): RegExp | null {
  if (text === undefined) return null;
  try {
    return new RegExp(text);
  } catch {
    // The engine's own message repeats the pattern and adds nothing a user could act on.
    throw new Error(`--host-regex: ${text} is not a regular expression.`);
  }
}
