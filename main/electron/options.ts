import { parseArgs } from 'node:util';
import { AppError } from '#common/errors.ts';

/** What the command line of the desktop face asks for. */
export interface DesktopOptions {
  /** `--demo`: show the demo cluster. */
  readonly demo: boolean;
  /** `--hidden`: start in the tray without a window, as at login. */
  readonly hidden: boolean;
  /** `--ssh-config FILE`; null: the user's own. */
  readonly sshConfigPath: string | null;
  /** `--host-regex RE`: only hosts whose alias matches; null: all. */
  readonly hostRegex: RegExp | null;
}

/**
 * Reads the command line without the program's name. Switches of Chromium and Electron stand between ours, so unknown
 * ones are passed over. Throws `bad-request` for an option of ours without its value or with an unusable one.
 */
export function readOptions(args: readonly string[]): DesktopOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      demo: { type: 'boolean' },
      hidden: { type: 'boolean' },
      'ssh-config': { type: 'string' },
      'host-regex': { type: 'string' },
    },
  });
  return {
    demo: values.demo === true,
    hidden: values.hidden === true,
    sshConfigPath: textOf('--ssh-config', values['ssh-config']),
    hostRegex: regexOf('--host-regex', values['host-regex']),
  };
}

function textOf(option: string, value: unknown): string | null {
  if (value === undefined) return null;
  // A forgotten value would swallow the next option.
  if (typeof value === 'string' && value !== '' && !value.startsWith('--')) return value;
  throw new AppError('bad-request', { detail: `${option} needs a value` });
}

function regexOf(option: string, value: unknown): RegExp | null {
  const source = textOf(option, value);
  if (source === null) return null;
  try {
    return new RegExp(source);
  } catch (error) {
    throw new AppError('bad-request', { detail: `${option}: ${String(error)}`, cause: error });
  }
}
