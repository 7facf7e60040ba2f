import { parseArgs } from 'node:util';
import { AppError } from '#common/errors.ts';
import { hashOf, type Place, placeOfHash, views } from '#common/notices.ts';

/** What the command line of the desktop face asks for. */
export interface DesktopOptions {
  /** `--demo`: show the demo cluster. */
  readonly demo: boolean;
  /** `--hidden`: start in the tray without a window, as at login. */
  readonly hidden: boolean;
  /** `--show VIEW[/ID]`: the place to open the window on, as the window's own address names it; null: none. */
  readonly place: Place | null;
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
      show: { type: 'string' },
      'ssh-config': { type: 'string' },
      'host-regex': { type: 'string' },
    },
  });
  return {
    demo: values.demo === true,
    hidden: values.hidden === true,
    place: placeOf(textOf('--show', values.show)),
    sshConfigPath: textOf('--ssh-config', values['ssh-config']),
    hostRegex: regexOf('--host-regex', values['host-regex']),
  };
}

function placeOf(text: string | null): Place | null {
  if (text === null) return null;
  const place = placeOfHash(`#${text}`);
  if (text.split('/')[0] === place.view) return place;
  throw new AppError('bad-request', {
    detail: `--show: there is no view ${text}; there are ${views.join(', ')}`,
  });
}

/** What a second start of the app hands to the first one, which then does what was asked for. */
export function handOver({ hidden, place }: DesktopOptions): Readonly<Record<string, string | boolean>> {
  return { hidden, ...(place !== null && { show: hashOf(place) }) };
}

/** Reads that; another version of the app may have sent it. Null: nothing is to be shown. */
export function takeOver(data: unknown): { readonly place: Place | undefined } | null {
  const { hidden, show } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  if (hidden === true) return null;
  return { place: typeof show === 'string' ? placeOfHash(show.slice(0, 1000)) : undefined };
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
