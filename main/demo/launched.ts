/** The model servers that were started on a demo host: what their stand-in program notes becomes part of the world. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostServices } from './host-services.ts';
import type { HostTruth, LaunchedTruth } from './world.ts';

export interface LaunchedOptions {
  readonly truth: HostTruth;
  readonly services: Pick<HostServices, 'add'>;
  /** The folder of the host; its programs leave their notes in `state/launched`. */
  readonly directory: string;
}

interface Note {
  readonly port: number;
  readonly pid: number;
  readonly phase: string;
  /** UUIDs. */
  readonly gpus: readonly string[];
  readonly model: string;
}

interface Running {
  readonly pid: number;
  readonly truth: LaunchedTruth;
  /** Ends its web server; null before it serves. */
  close: (() => Promise<void>) | null;
}

/** Returns what brings the world up to date with the notes; a program that was killed leaves one, which no longer counts. */
export function createLaunched({ truth, services, directory }: LaunchedOptions): () => Promise<void> {
  const running = new Map<number, Running>();
  const end = async (port: number, { truth: server, close }: Running): Promise<void> => {
    running.delete(port);
    server.end();
    await close?.();
  };
  const begin = ({ port, pid, gpus, model }: Note): Running => {
    const indexes = truth.gpus().flatMap(({ uuid, index }) => (gpus.includes(uuid) ? [index] : []));
    const begun: Running = { pid, truth: truth.launch({ port, model, gpus: indexes }), close: null };
    running.set(port, begun);
    return begun;
  };
  return async () => {
    const notes = readNotes(join(directory, 'state', 'launched'));
    for (const [port, one] of running) {
      if (notes.get(port)?.pid !== one.pid) await end(port, one);
    }
    for (const note of notes.values()) {
      const one = running.get(note.port) ?? begin(note);
      if (note.phase !== 'serving' || one.close !== null) continue;
      one.close = await services.add(one.truth.load);
      one.truth.listen();
    }
  };
}

function readNotes(folder: string): ReadonlyMap<number, Note> {
  const notes = new Map<number, Note>();
  for (const name of readdirSync(folder)) {
    const port = Number(name);
    if (!Number.isInteger(port)) continue;
    const note = readNote(join(folder, name), port);
    if (note !== null) notes.set(port, note);
  }
  return notes;
}

function readNote(file: string, port: number): Note | null {
  try {
    const [pid = '', phase = '', gpus = '', model = ''] = readFileSync(file, 'utf8').split('\n');
    process.kill(Number(pid), 0);
    return { port, pid: Number(pid), phase, gpus: gpus.split(','), model };
  } catch {
    // Gone meanwhile: the file, or its program.
    return null;
  }
}

/** Ends the programs of all launches below a home folder at once, with their keepers; for the end of the cluster. */
export function killLaunches(home: string): void {
  const root = join(home, '.cache', 'vllm-tray', 'launches');
  for (const folder of launchFolders(root)) {
    // One that has ended has noted how: its numbers may be those of others by now.
    if (existsSync(join(folder, 'exit'))) continue;
    // The keeper first: it would note the end of its server.
    for (const file of ['keeper.pid', 'server.pid']) {
      const pid = livePid(join(folder, file));
      if (pid !== null) for (const target of [-pid, pid]) kill(target);
    }
  }
}

/** The folders of the launches, each below that of its host's name. */
function launchFolders(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((host) =>
    readdirSync(join(root, host)).map((name) => join(root, host, name)),
  );
}

/** The number in the file, while it is that of the process which wrote it there: its birth is noted beside it (keeper.ts). */
function livePid(file: string): number | null {
  try {
    const [pid = '', birth = ''] = readFileSync(file, 'utf8').trim().split(' ');
    const born = existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : null;
    const start = born?.slice(born.lastIndexOf(')') + 2).split(' ')[19];
    return Number(pid) > 1 && (start === undefined || birth.endsWith(`:${start}`)) ? Number(pid) : null;
  } catch {
    // It was not written, or that process has ended.
    return null;
  }
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // ESRCH: it has ended on its own, or leads no group.
  }
}
