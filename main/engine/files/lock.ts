/** A lock file beside a file that several copies of the app write: held for milliseconds, and released when its holder dies. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';

export interface Lock {
  /**
   * Tries once, and never waits: the release, or null while another holds it. To be called again on the same lock, which
   * remembers how long it has seen one holder. Throws what the file system says.
   */
  attempt(): (() => void) | null;
  /** The same as often as it takes: a holder that neither ends nor moves loses it after two seconds. */
  take(): Promise<() => void>;
}

/** The holder, as written in the file. A process id means something on its computer alone, and until that restarts. */
const ownerSchema = z.object({
  /** The computer, and the part of it in which process ids are counted. */
  place: z.string(),
  boot: z.string(),
  pid: z.int(),
});

type Owner = z.infer<typeof ownerSchema>;

/** Holding it takes milliseconds. */
const staleMs = 2000;
/** Clocks that stamp files go in steps, and that of a file server is not quite this computer's. */
const clockSlackMs = 1000;
const pauseMs = 5;

interface Found {
  readonly text: string;
  readonly mtimeMs: number;
}

export function createLock(path: string): Lock {
  let seen: { readonly found: Found; readonly sinceMs: number } | null = null;

  /** By this process's own clock, which no other one can set. */
  const hasStood = (found: Found): boolean => {
    const isSame = seen?.found.text === found.text && seen.found.mtimeMs === found.mtimeMs;
    if (seen === null || !isSame) seen = { found, sinceMs: performance.now() };
    return performance.now() - seen.sinceMs > staleMs;
  };

  const attempt = (): (() => void) | null => {
    const mine = JSON.stringify({ ...self(), nonce: randomBytes(8).toString('hex') });
    if (create(path, mine)) return () => release(path, mine);
    const found = look(path);
    if (found !== null && !isLeft(found) && !hasStood(found)) return null;
    if (found !== null) removeLeft(path, found);
    return create(path, mine) ? () => release(path, mine) : null;
  };

  return {
    attempt,
    async take() {
      for (;;) {
        const taken = attempt();
        if (taken !== null) return taken;
        await delay(pauseMs);
      }
    },
  };
}

/** Whether it was created: false where there is one. Nothing is left of one that could not be written. */
function create(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, text);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** A holder that was too slow has lost it to another one. */
function release(path: string, mine: string): void {
  if (look(path)?.text === mine) rmSync(path, { force: true });
}

function look(path: string): Found | null {
  try {
    return { mtimeMs: statSync(path).mtimeMs, text: readFileSync(path, 'utf8') };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether it has no holder any more, as far as can be seen at once. */
function isLeft({ text, mtimeMs }: Found): boolean {
  const owner = readOwner(text);
  const here = self();
  // The clock of another computer says nothing about its age.
  if (owner !== null && owner.place !== here.place) return false;
  if (owner !== null && (owner.boot !== here.boot || !isRunning(owner.pid))) return true;
  const ageMs = Date.now() - mtimeMs;
  return ageMs > staleMs || ageMs < -clockSlackMs;
}

/** Takes it away whole, so that of several that find it left none removes what another has created since. */
function removeLeft(path: string, { text }: Found): void {
  const away = `${path}.tmp-${process.pid}-${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, away);
    if (readFileSync(away, 'utf8') !== text) linkSync(away, path);
  } catch (error) {
    // Another one was faster; or there is a new one already.
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    rmSync(away, { force: true });
  }
}

function readOwner(text: string): Owner | null {
  try {
    const owner = z.safeParse(ownerSchema, JSON.parse(text));
    return owner.success ? owner.data : null;
  } catch {
    // Empty, as an older version leaves it, or not written to its end.
    return null;
  }
}

let own: Owner | null = null;

function self(): Owner {
  own ??= {
    place: [hostname(), attemptText(() => readlinkSync('/proc/self/ns/pid'))].join(' ').trim(),
    boot: attemptText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pid: process.pid,
  };
  return own;
}

/** Empty where the system does not tell it. */
function attemptText(read: () => string): string {
  try {
    return read();
  } catch {
    // No Linux, or no /proc.
    return '';
  }
}

/** Whether a process of this id runs on this computer, of any user; one that has ended and is still listed does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  // The state stands behind the name, which may hold anything (proc(5)).
  return !/\) [ZX] [^)]*$/.test(attemptText(() => readFileSync(`/proc/${pid}/stat`, 'utf8')));
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
