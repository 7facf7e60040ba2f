import { parseArgs } from 'node:util';
import {
  OptionError,
  readNamed,
  readSharedOptions,
  readText,
  type SharedOptions,
  sharedArguments,
} from '#app/options.ts';
import { hashOf, type Place, placeOfHash, views } from '#common/place.ts';

/** What the command line of the desktop face asks for. */
export interface DesktopOptions extends SharedOptions {
  /** `--hidden`: start in the tray without a window, as at login. */
  readonly hidden: boolean;
  /** `--show VIEW[/ID]`: the place to open the window on, as the window's own address names it; null: none. */
  readonly place: Place | null;
}

/**
 * Reads the command line without the program's name. Switches of Chromium and Electron stand between ours, so unknown
 * ones are passed over. Throws {@link OptionError} for an option of ours without its value or with an unusable one.
 */
export function readOptions(args: readonly string[]): DesktopOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      ...sharedArguments,
      hidden: { type: 'boolean' },
      show: { type: 'string' },
    },
  });
  return {
    ...readSharedOptions(values),
    hidden: values.hidden === true,
    place: values.show === undefined ? null : readNamed('show', values.show, readPlace),
  };
}

function readPlace(value: unknown): Place {
  const text = readText(value);
  const place = placeOfHash(`#${text}`);
  if (text.split('/')[0] === place.view) return place;
  throw new OptionError(`There is no such view; there are ${views.join(', ')}.`);
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
