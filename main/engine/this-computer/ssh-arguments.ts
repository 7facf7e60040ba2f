/** What the command line of an ssh or autossh process says of its forwards. Pure. */

import { splitArguments, splitDirective } from '../ssh/config/config-lines.ts';
import { type ForwardSpec, readForwardSpec } from './forward-spec.ts';

export interface SshCommand {
  readonly program: 'ssh' | 'autossh';
  /** As it is written: an alias, `user@host`, `ssh://user@host:port`. */
  readonly destination: string;
  /** The file of `-F`; null where ssh reads the usual ones. */
  readonly configFile: string | null;
  /** Options that decide where it leads and what the configuration adds, to be given to `ssh -G`; `-F` is not among them. */
  readonly options: readonly string[];
  /** Whether it says that others may connect to them (`-g`, GatewayPorts); null: it says nothing of that. */
  readonly gatewayPorts: boolean | null;
  /** What stands behind each `-L`, and in each LocalForward. */
  readonly written: readonly string[];
  /** Those of them from port to port. */
  readonly forwards: readonly ForwardSpec[];
  /** Why others on it are left out. */
  readonly ignored: readonly string[];
}

/** The letters of options with a value, of which autossh has one more (ssh.c, autossh.c). */
const valued = 'BDEFIJLOPQRSWbceilmopw';
const autosshValued = `${valued}M`;
/** Questions, orders to a master, and streams through another host (ProxyJump starts those): none of them forwards. */
const otherWork = new Set(['G', 'O', 'Q', 'V', 'W']);
/** They change where a connection leads, or which lines of the configuration hold for it. */
const decisive = new Set(['J', 'P', 'l', 'p']);

/**
 * Reads the words of a command line, whatever they are. Null for another program, for an ssh that does no forwarding of
 * its own and for one that has to clear its forwards. Never throws.
 */
export function parseSshCommand(words: readonly string[]): SshCommand | null {
  // autossh blanks out options that are its own.
  const [path = '', ...rest] = words.filter((word) => word !== '');
  const program = /(?:^|[\\/])(ssh|autossh)(?:\.exe)?$/i.exec(path)?.[1]?.toLowerCase();
  if (program !== 'ssh' && program !== 'autossh') return null;
  const { options, destination } = readOptions(rest, program === 'ssh' ? valued : autosshValued);
  if (destination === null || options.some(({ letter }) => otherWork.has(letter))) return null;
  const directives = options.filter(({ letter }) => letter === 'o').map(({ value }) => readDirective(value));
  if (directives.some(({ keyword, words: [word] }) => keyword === 'clearallforwardings' && isYes(word)))
    return null;
  const written = writtenForwards(options);
  const readings = written.map((spec) => readForwardSpec(spec));
  return {
    program,
    destination,
    configFile: options.findLast(({ letter }) => letter === 'F')?.value ?? null,
    options: options.flatMap(({ letter, value }) => {
      if (letter === 'g') return '-g';
      if (letter === 'o') return readDirective(value).keyword === 'localforward' ? [] : ['-o', value];
      return decisive.has(letter) ? [`-${letter}`, value] : [];
    }),
    gatewayPorts: readGateway(
      options.some(({ letter }) => letter === 'g'),
      directives,
    ),
    written,
    forwards: readings.flatMap((reading) => (reading.kind === 'ports' ? reading.spec : [])),
    ignored: readings.flatMap((reading) => (reading.kind === 'ignored' ? reading.reason : [])),
  };
}

function writtenForwards(options: readonly Option[]): readonly string[] {
  return options.flatMap(({ letter, value }) => {
    if (letter === 'L') return value;
    const { keyword, words: both } = readDirective(letter === 'o' ? value : '');
    return keyword === 'localforward' ? both.join(':') : [];
  });
}

/** `-g` holds whatever else is said; of several directives the first one does. */
function readGateway(hasFlag: boolean, directives: readonly Directive[]): boolean | null {
  const said = directives.find(({ keyword }) => keyword === 'gatewayports');
  return hasFlag || (said === undefined ? null : isYes(said.words[0]));
}

interface Option {
  readonly letter: string;
  /** Empty for one without. */
  readonly value: string;
}

/** Options stand before the destination and behind it, up to the first word of a command for the host, or to `--`. */
function readOptions(
  words: readonly string[],
  withValue: string,
): { readonly options: readonly Option[]; readonly destination: string | null } {
  const options: Option[] = [];
  let destination: string | null = null;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { options, destination: destination ?? words[at + 1] ?? null };
    if (!word.startsWith('-') || word === '-') {
      if (destination !== null) break;
      destination = word;
      continue;
    }
    const { plain, letter, value } = readWord(word, withValue);
    options.push(...plain.map((each) => ({ letter: each, value: '' })));
    if (letter === null) continue;
    const own = value !== '' || at + 1 >= words.length ? value : (words[++at] ?? '');
    const more = letter === 'o' ? lostWords(own, words.slice(at + 1, at + 3)) : [];
    at += more.length;
    options.push({ letter, value: [own, ...more].join(' ') });
  }
  return { options, destination };
}

/** `-fNL8000:h:9000`: letters, of which the last may have a value, in the same word or the next. */
function readWord(
  word: string,
  withValue: string,
): { readonly plain: readonly string[]; readonly letter: string | null; readonly value: string } {
  const letters = word.slice(1);
  const at = letters.search(new RegExp(`[${withValue}]`));
  if (at < 0) return { plain: letters.split(''), letter: null, value: '' };
  return { plain: letters.slice(0, at).split(''), letter: letters.charAt(at), value: letters.slice(at + 1) };
}

/** `ps` does not show where a word ends: of `-o "LocalForward 8000 h:9000"` the keyword alone is left as the value. */
function lostWords(value: string, next: readonly string[]): readonly string[] {
  if (/[=\s]/.test(value)) return [];
  return next.slice(0, value.toLowerCase() === 'localforward' ? 2 : 1);
}

interface Directive {
  readonly keyword: string;
  readonly words: readonly string[];
}

function readDirective(value: string): Directive {
  const directive = splitDirective(value);
  return { keyword: directive?.keyword ?? '', words: splitArguments(directive?.rest ?? '') ?? [] };
}

function isYes(word: string | undefined): boolean {
  return word !== undefined && /^(?:yes|true)$/i.test(word);
}
