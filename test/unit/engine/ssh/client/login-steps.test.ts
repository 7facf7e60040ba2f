import ssh2, { type ParsedKey } from 'ssh2';
import { describe, expect, it } from 'vitest';
import {
  allOf,
  heard,
  type LoginStep,
  nextStep,
  type Person,
  type Progress,
  wantedFrom,
  without,
} from '#engine/ssh/client/login-steps.ts';
import type { LoginMethod } from '#engine/ssh/config/resolved.ts';
import type { LoginKeys } from '#engine/ssh/keys/auth.ts';

const key = newKey();
const locked = { kind: 'locked', publicKey: key.getPublicSSH(), text: '' } as const;

function newKey(): ParsedKey {
  const parsed = ssh2.utils.parseKey(ssh2.utils.generateKeyPairSync('ed25519').private);
  if (parsed instanceof Error) throw parsed;
  return parsed;
}

/** So many keys of each sort, the files by these names. */
function keysOf(agent: number, files: readonly string[], lockedFiles: readonly string[]): LoginKeys {
  return {
    agentSocket: '/agent',
    agentKeys: Array.from({ length: agent }, () => key),
    files: files.map((path) => ({ path, key })),
    locked: lockedFiles.map((path) => ({ path, file: locked })),
    notes: [],
  };
}

const all = keysOf(2, ['a', 'b'], ['l', 'm']);
const none = keysOf(0, [], []);
const onlyAgent = keysOf(2, [], []);
const onlyFiles = keysOf(0, ['a', 'b'], []);
const onlyLocked = keysOf(0, [], ['l', 'm']);

/** What comes back after a step: the methods of a refusal, `+` before them after a partial success; `signed`, nothing passed on. */
type Reply = string;

const replyTo = (progress: Progress, reply: Reply): Progress => {
  if (reply === 'signed') return heard({ kind: 'signed' }, null, false);
  return heard(progress, reply.replace('+', '').split(' '), reply.startsWith('+'));
};

function nameOf(step: LoginStep | null): string {
  if (step === null) return 'end';
  if (step.kind === 'agent-key') return 'agent';
  if (step.kind === 'key-file') return step.path;
  if (step.kind === 'locked-key') return `locked ${step.path}`;
  if (step.kind === 'none') return 'none';
  return step.again ? `${step.kind} again` : step.kind;
}

/** The steps of a login whose host answers with these replies, and with the last of them from then on. */
function walk(
  keys: LoginKeys,
  replies: readonly Reply[],
  person: Person = 'present',
  methods: readonly LoginMethod[] = ['publickey', 'keyboard-interactive', 'password'],
): string {
  const steps: string[] = [];
  let progress = heard({ kind: 'begun' }, null, false);
  let left = allOf(keys);
  for (let at = 0; ; at += 1) {
    const next = nextStep({ progress, methods, person }, left);
    steps.push(nameOf(next.step));
    if (next.step === null) return steps.join(', ');
    left = next.left;
    progress = replyTo(progress, replies[at] ?? replies.at(-1) ?? '');
  }
}

const asks3 = (method: string): string => `${method}, ${method} again, ${method} again`;

describe('the next step of a login', () => {
  it.each([
    ['all keys, then the end', all, ['publickey'], 'agent, agent, a, b, locked l, locked m, end'],
    ['no key for a host that takes none', all, ['password'], `agent, ${asks3('password')}, end`],
    ['nothing but none, which says what is taken', none, ['password'], `none, ${asks3('password')}, end`],
    [
      'the questions in the order of the configuration',
      none,
      ['password keyboard-interactive'],
      `none, ${asks3('keyboard-interactive')}, ${asks3('password')}, end`,
    ],
    ['no key after a key that passed', onlyFiles, ['+password'], `a, ${asks3('password')}, end`],
    ['another file where a key has passed and one more is wanted', onlyFiles, ['+publickey'], 'a, b, end'],
    ['no second agent key, whatever is wanted besides', onlyAgent, ['+publickey'], 'agent, end'],
    [
      'none after a key that was signed with, to hear what is wanted besides',
      all,
      ['signed', '+password'],
      `agent, none, ${asks3('password')}, end`,
    ],
    [
      'no other locked key after one that passed',
      onlyLocked,
      ['signed', '+publickey'],
      'locked l, none, end',
    ],
    [
      'no key that was passed over, when keys are wanted after a password',
      onlyFiles,
      ['password', '+publickey'],
      'a, password, end',
    ],
    [
      'the code after the password, though codes come first where both are taken',
      none,
      ['password', '+keyboard-interactive'],
      `none, password, ${asks3('keyboard-interactive')}, end`,
    ],
  ])('is %s', (_name, keys, replies, steps) => {
    expect(walk(keys, replies)).toBe(steps);
  });

  it.each([
    [all, ['publickey'], 'agent, agent, a, b, locked l, locked m, none, end'],
    [none, ['keyboard-interactive password'], 'none, end'],
    [none, ['password'], `none, ${asks3('password')}, end`],
  ])('is, with no person there, none and only what may be remembered', (keys, replies, steps) => {
    expect(walk(keys, replies, 'absent')).toBe(steps);
  });

  it.each([
    [all, ['publickey'], 'agent, agent, a, b, end'],
    [none, ['password keyboard-interactive'], 'none, end'],
  ])('is no question for a person who has dismissed one', (keys, replies, steps) => {
    expect(walk(keys, replies, 'declined')).toBe(steps);
  });

  it('is only what the configuration allows', () => {
    expect(walk(all, ['publickey password'], 'present', ['password'])).toBe(
      `none, ${asks3('password')}, end`,
    );
    expect(walk(all, ['publickey password'], 'present', ['publickey'])).toBe(walk(all, ['publickey']));
  });

  it('is no method that the host has refused without a question', () => {
    const progress: Progress = { kind: 'refused', offered: ['keyboard-interactive', 'password'] };
    const situation = {
      progress,
      methods: ['keyboard-interactive', 'password'] as const,
      person: 'present' as const,
    };
    const first = nextStep(situation, { ...allOf(none), keys: [] });
    expect(nameOf(first.step)).toBe('keyboard-interactive');
    const second = nextStep(situation, without(first.left, 'keyboard-interactive'));
    expect(nameOf(second.step)).toBe('password');
  });
});

describe('what the host has said', () => {
  const refused: Progress = { kind: 'refused', offered: ['publickey'] };
  it.each([
    [{ kind: 'begun' }, null, false, { kind: 'begun' }],
    [{ kind: 'begun' }, ['publickey'], false, refused],
    [refused, null, false, refused],
    [refused, ['password'], false, { kind: 'refused', offered: ['password'] }],
    [refused, ['password'], true, { kind: 'partial', offered: ['password'] }],
    [{ kind: 'signed' }, null, false, { kind: 'signed' }],
    [{ kind: 'signed' }, ['password'], false, { kind: 'partial', offered: ['password'] }],
    [
      { kind: 'partial', offered: ['password'] },
      ['password'],
      false,
      { kind: 'partial', offered: ['password'] },
    ],
  ] as [Progress, string[] | null, boolean, Progress][])(
    '%j and %j, partial %s, is %j',
    (before, methods, partial, after) => {
      expect(heard(before, methods, partial)).toEqual(after);
    },
  );
});

describe('what only a person could give', () => {
  const refused = (...offered: string[]): Progress => ({ kind: 'refused', offered });
  it.each([
    ['the passphrase of a key that the host takes', refused('publickey'), true, 0, 'passphrase'],
    ['no passphrase once a key has passed', { kind: 'signed' }, true, 1, null],
    ['an answer besides a key', { kind: 'partial', offered: ['password'] }, true, 1, 'answer'],
    ['an answer where there was no key to try', refused('publickey', 'password'), false, 0, 'answer'],
    ['an answer where no key is taken', refused('password'), false, 1, 'answer'],
    ['nothing where keys were tried and are taken', refused('publickey', 'password'), false, 1, null],
    ['nothing where the host has said nothing', { kind: 'begun' }, false, 0, null],
  ] as [string, Progress, boolean, number, string | null][])(
    'is %s',
    (_name, progress, lockedFits, tried, wants) => {
      expect(wantedFrom(progress, { lockedFits, tried })).toBe(wants);
    },
  );
});
