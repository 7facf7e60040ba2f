import type { HostId } from '#common/ids.ts';
import { countEn } from '#common/language.ts';
import type { Prompt } from '#common/prompts.ts';
import { type WaitingKey, waitingKeys } from '#common/select/hosts.ts';
import { canLogIn } from '#common/select/remedies.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import type { Io } from './io.ts';
import { readLine } from './line-reader.ts';

/**
 * Accepts host keys and logs in with the person at the terminal, for these hosts (default all) as far as they wait for
 * one. Needs a terminal with a person (`hasPerson`). Answers false when the person interrupted it.
 */
export async function logInAtTerminal(engine: Engine, io: Io, hostIds?: readonly HostId[]): Promise<boolean> {
  const asked = (id: HostId): boolean => hostIds?.includes(id) ?? true;
  for (const waiting of waitingKeys(engine.snapshot())) {
    const hosts = waiting.hosts.map(({ id }) => id).filter(asked);
    if (hosts.length === 0) continue;
    const answer = await askForKey(waiting, io);
    if (answer === 'interrupted') return false;
    if (answer === 'no') continue;
    await engine.handlers['hostKey.accept']({ keyIds: [waiting.key.id] });
    await engine.scan(hosts);
  }
  const ids = engine.snapshot().hosts.flatMap((host) => (canLogIn(host) && asked(host.id) ? [host.id] : []));
  return ids.length === 0 || (await answerPrompts(engine, io, ids));
}

async function askForKey({ key, hosts }: WaitingKey, io: Io): Promise<'yes' | 'no' | 'interrupted'> {
  io.err.write(
    `The host key of ${key.name} is not known (${countEn(hosts.length, 'host')}):\n  ${key.type} ${key.fingerprint}\n` +
      `Add it to ${key.file}? [y/N] `,
  );
  const typed = await readLine(io, { echo: true, signal: io.interrupted });
  if (typed.kind === 'interrupted' || io.interrupted.aborted) return 'interrupted';
  return typed.kind === 'line' && /^y(?:es)?$/i.test(typed.text.trim()) ? 'yes' : 'no';
}

/** Runs the logins and answers their questions as they come, one at a time. */
async function answerPrompts(engine: Engine, io: Io, ids: readonly HostId[]): Promise<boolean> {
  let over = false;
  const logins = engine.logIn(ids).finally(() => {
    over = true;
  });
  while (!over) {
    const prompt = await nextPrompt(engine, logins);
    if (prompt === null) break;
    const answered = await answer(engine, prompt, io);
    if (answered) continue;
    for (const { id } of engine.snapshot().prompts) await engine.handlers['prompt.dismiss']({ promptId: id });
    return false;
  }
  await logins;
  return true;
}

/** The oldest question; null when the logins are over without another. */
async function nextPrompt(engine: Engine, logins: Promise<void>): Promise<Prompt | null> {
  let stop = (): void => undefined;
  const asked = new Promise<Prompt>((resolve) => {
    const look = (): void => {
      const [first] = engine.snapshot().prompts;
      if (first !== undefined) resolve(first);
    };
    stop = engine.subscribe(look);
    look();
  });
  try {
    return await Promise.race([asked, logins.then(() => null)]);
  } finally {
    stop();
  }
}

/** Asks the person; false when that was an interruption. */
async function answer(engine: Engine, prompt: Prompt, io: Io): Promise<boolean> {
  const gone = new AbortController();
  const isThere = ({ prompts }: Snapshot): boolean => prompts.some(({ id }) => id === prompt.id);
  const stop = engine.subscribe(() => {
    if (!isThere(engine.snapshot())) gone.abort();
  });
  try {
    io.err.write(`${titleOf(prompt)}\n`);
    const answers: string[] = [];
    for (const { label, echo } of prompt.fields) {
      io.err.write(`${label.trimEnd()} `);
      const typed = await readLine(io, { echo, signal: AbortSignal.any([gone.signal, io.interrupted]) });
      if (typed.kind === 'interrupted' || io.interrupted.aborted) return false;
      if (gone.signal.aborted) {
        io.err.write(`${prompt.asker.alias} does not wait for an answer any more.\n`);
        return true;
      }
      if (typed.kind === 'gave-up') {
        await engine.handlers['prompt.dismiss']({ promptId: prompt.id });
        return true;
      }
      answers.push(typed.text);
    }
    await engine.handlers['prompt.answer']({ promptId: prompt.id, answers });
    return true;
  } finally {
    stop();
  }
}

function titleOf({ asker, hostId, text, again, kind }: Prompt): string {
  const way = asker.isJumpHost ? `${asker.alias}, on the way to ${hostId}` : asker.alias;
  const lead = `${again ? 'That was not right. ' : ''}${kind === 'passphrase' ? 'A key is locked for' : 'Logging in to'} ${way}`;
  return text === '' ? lead : `${lead}\n${text}`;
}
