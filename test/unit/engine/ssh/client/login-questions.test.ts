import { describe, expect, it } from 'vitest';
import type { Asking, Question } from '#engine/ssh/asking.ts';
import { createLoginQuestions } from '#engine/ssh/client/login-questions.ts';
import type { ResolvedHost } from '#engine/ssh/config/resolved.ts';
import { createKeyring } from '#engine/ssh/keys/keyring.ts';

const host = { alias: 'gpu', hostname: 'gpu.example', port: 22, user: 'me' } as ResolvedHost;

/** One login, with a person who gives these answers, one after the other. */
function login(answers: readonly (readonly string[] | null)[], { accepted = null as Buffer | null } = {}) {
  const asked: Question[] = [];
  const waits: boolean[] = [];
  const asking: Asking = {
    interactive: true,
    async ask(_asker, question) {
      asked.push(question);
      return answers[asked.length - 1] ?? null;
    },
  };
  const questions = createLoginQuestions({
    host,
    isJumpHost: false,
    hostKey: { accepted: () => accepted },
    keyring: createKeyring(),
    asking,
    signal: new AbortController().signal,
    onAsking: (value) => waits.push(value),
  });
  return { questions, asked, waits };
}

describe('what a login asks', () => {
  it('is a password, whose answer is kept for this key of the host alone', async () => {
    const key = Buffer.from('a host key');
    const { questions, asked, waits } = login([['secret']], { accepted: key });
    expect(await questions.password(false)).toBe('secret');
    expect(asked).toMatchObject([{ kind: 'password', again: false, fields: [{ echo: false }] }]);
    expect(asked[0]?.memo).toMatch(/^password me@gpu\.example:22 SHA256:/);
    expect([waits, questions.answered(), questions.person()]).toEqual([[true, false], true, 'present']);
    const unknown = login([['secret']]);
    await unknown.questions.password(false);
    expect(unknown.asked[0]?.memo).toBeNull();
  });

  it('is not asked again of a person who has declined', async () => {
    const { questions } = login([null]);
    expect(await questions.password(true)).toBeNull();
    expect([questions.answered(), questions.person()]).toEqual([false, 'declined']);
  });

  it('is what the host asks, cleaned and bounded, and never remembered', async () => {
    const { questions, asked } = login([['123456']]);
    let firsts = 0;
    const { prompt, asked: hasAsked } = questions.conversation(true, () => {
      firsts += 1;
    });
    expect(hasAsked()).toBe(false);
    const finished = new Promise<string[]>((resolve) => {
      const prompts = [{ prompt: 'Code\u001b[31m:', echo: true }];
      prompt('Duo', 'Enter\u0007 a code', '', prompts, resolve);
    });
    expect(await finished).toEqual(['123456']);
    expect(asked).toMatchObject([{ kind: 'interactive', again: true, memo: null }]);
    expect(asked[0]?.text).toMatch(/^Duo · Enter.* a code$/);
    expect(JSON.stringify(asked)).not.toMatch(/\\u001b|\\u0007/);
    expect([firsts, hasAsked()]).toEqual([1, true]);
  });

  it('is answered with nothing where the person gives no answer, and is no second try within a round', async () => {
    const { questions, asked } = login([['password'], null]);
    const { prompt } = questions.conversation(true, () => undefined);
    const answer = (prompts: readonly { prompt: string }[]) =>
      new Promise<string[]>((resolve) => prompt('', '', '', prompts, resolve));
    await answer([{ prompt: 'Password:' }]);
    expect(await answer([{ prompt: 'Code:' }, { prompt: 'Other:' }])).toEqual(['', '']);
    expect(asked.map(({ again }) => again)).toEqual([true, false]);
  });
});
