import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Problem } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { createAlarm } from '#common/timer.ts';
import { createLock } from '../files/lock.ts';
import { hasLeftovers, removeLeftovers, replaceFile } from '../files/replace.ts';
import type { History, SavedHistory } from './history.ts';
import { mergeHistories } from './merge.ts';

const column = z.array(z.nullable(z.number()));
const schema = z.object({
  version: z.literal(1),
  tracks: z.record(
    z.string(),
    z.object({ times: z.array(z.number()), columns: z.record(z.string(), column) }),
  ),
});

export interface HistoryFileDeps {
  readonly path: string;
  readonly history: History;
  readonly onProblem: (problem: Problem) => void;
}

/** Keeps the thinned history of a day in a file of the user's own (mode 600), so that a restart does not lose it. */
export interface HistoryFile {
  /** Reads the file, if there is one; one that is broken or of a newer version is a Problem and is left as it is until the next write. */
  load(): Promise<void>;
  /** Writes the file whole, with what other copies of the app have measured: who reads it meanwhile reads the old one. */
  save(): Promise<void>;
  /** Whether it is kept from now on: switched on, it is read and then written now and then; switched off, it is deleted. */
  keep(kept: boolean): Promise<void>;
  /** Saves for the last time, if it is kept. */
  dispose(): Promise<void>;
}

const saveEveryMs = 5 * 60_000;

export function createHistoryFile({ path, history, onProblem }: HistoryFileDeps): HistoryFile {
  const alarm = createAlarm({ background: true });
  let reported = false;
  let saving: Promise<void> = Promise.resolve();

  const tell = (what: string, error: unknown): void => {
    // A full disk is one problem, not one every five minutes.
    if (reported) return;
    reported = true;
    onProblem({ code: 'history-file', detail: plainText(`${path}: ${what}: ${String(error)}`, 300) });
  };

  const lock = createLock(`${path}.lock`);

  /** Does the work with no other copy at the file. */
  const alone = async (work: () => Promise<void>): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const release = await lock.take();
    try {
      removeLeftovers(path);
      await work();
    } finally {
      release();
    }
  };

  const write = async (): Promise<void> => {
    try {
      await alone(async () => {
        const others = await readFile(path, 'utf8').then(parse, () => null);
        await replaceFile(path, JSON.stringify(mergeHistories(others, history.save(), Date.now())));
      });
    } catch (error) {
      tell('it cannot be written', error);
    }
  };

  const tidy = async (): Promise<void> => {
    // They stay where nothing can be written.
    if (hasLeftovers(path)) await alone(async () => undefined).catch(() => undefined);
  };

  const save = (): Promise<void> => {
    saving = saving.then(write);
    return saving;
  };

  const load = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') tell('it cannot be read', error);
      return;
    }
    const saved = parse(text);
    if (saved === null) tell('it is not a history', 'it begins anew');
    else history.restore(saved);
  };

  /** Answers whether it ran. */
  const stop = (): boolean => {
    const ran = alarm.isSet();
    alarm.cancel();
    return ran;
  };

  return {
    load,
    save,
    async keep(kept) {
      if (!kept && !alarm.isSet()) await tidy();
      if (kept && !alarm.isSet()) {
        alarm.every(saveEveryMs, () => void save());
        await load();
      } else if (!kept && stop()) {
        await saving;
        await rm(path, { force: true });
      }
    },
    async dispose() {
      if (stop()) await save();
    },
  };
}

function parse(text: string): SavedHistory | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: cut or damaged.
    return null;
  }
}
