import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { createAlarm } from '#common/timer.ts';
import { createLock } from '../../files/lock.ts';
import { removeLeftovers, replaceFile } from '../../files/replace.ts';

export interface KeptAnswersDeps {
  /** Of the user's own (mode 600): an answer names the programs of proxies. */
  readonly path: string;
  /** What the answers depend on at the moment; null: they must not be kept. Never rejects. */
  readonly basis: () => Promise<string | null>;
}

/** Answers of `ssh -G` that last longer than the app, each as long as what it depends on is the same. */
export interface KeptAnswers {
  /** What is known of that question. Never rejects. */
  get(question: string): Promise<KeptAnswer>;
  /** What they depend on may have changed. */
  forget(): void;
  /** Writes what is new for the last time. Never rejects. */
  dispose(): Promise<void>;
}

export interface KeptAnswer {
  /** What ssh printed; null where it is not known. */
  readonly text: string | null;
  /** Keeps what ssh has printed now; too late after {@link KeptAnswers.forget}. */
  keep(text: string): void;
}

const schema = z.object({
  version: z.literal(1),
  basis: z.string(),
  answers: z.record(z.string(), z.string()),
});

const mostAnswers = 5000;
const mostAnswerLength = 20_000;
const mostBytes = 32_000_000;
/** The answers of a scan come in a burst. */
const writeAfterMs = 3000;

interface Kept {
  readonly basis: string;
  readonly answers: Map<string, string>;
}

export function createKeptAnswers({ path, basis }: KeptAnswersDeps): KeptAnswers {
  const alarm = createAlarm({ background: true });
  let opening: Promise<Kept | null> | null = null;
  let unwritten: Kept | null = null;
  let writing: Promise<void> = Promise.resolve();

  const load = async (): Promise<Kept | null> => {
    const now = await basis();
    if (now === null) return null;
    const stored = await readAnswers(path);
    return { basis: now, answers: stored?.basis === now ? stored.answers : new Map() };
  };

  const write = async ({ basis: before, answers }: Kept): Promise<void> => {
    try {
      // What was asked before a change and answered after it belongs to neither.
      if ((await basis()) !== before) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const release = await createLock(`${path}.lock`).take();
      try {
        removeLeftovers(path);
        const text = JSON.stringify({ version: 1, basis: before, answers: Object.fromEntries(answers) });
        if (text.length <= mostBytes) await replaceFile(path, text);
      } finally {
        release();
      }
    } catch {
      // The next start asks ssh again, which costs it some seconds.
    }
  };

  const flush = (): void => {
    alarm.cancel();
    const kept = unwritten;
    unwritten = null;
    if (kept !== null) writing = writing.then(() => write(kept));
  };

  return {
    async get(question) {
      opening ??= load();
      const own = opening;
      const kept = await own;
      return {
        text: kept?.answers.get(question) ?? null,
        keep(text) {
          if (kept === null || opening !== own) return;
          if (text.length > mostAnswerLength || kept.answers.size >= mostAnswers) return;
          kept.answers.set(question, text);
          unwritten = kept;
          if (!alarm.isSet()) alarm.after(writeAfterMs, flush);
        },
      };
    },
    forget() {
      flush();
      opening = null;
    },
    async dispose() {
      flush();
      await writing;
    },
  };
}

/** Null for a file that is not there, is not the user's alone, or is torn. Never rejects. */
async function readAnswers(path: string): Promise<Kept | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { uid, mode, size } = await file.stat();
      // As ssh has it for its own configuration: a proxy of another user's writing would be run.
      const isOwn = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
      if (!isOwn || size > mostBytes) return null;
      const { data } = schema.safeParse(JSON.parse(await file.readFile('utf8')));
      if (data === undefined) return null;
      return { basis: data.basis, answers: new Map(Object.entries(data.answers).slice(0, mostAnswers)) };
    } finally {
      await file.close();
    }
  } catch {
    // There is none, or it was cut.
    return null;
  }
}
