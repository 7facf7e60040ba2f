import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRedactor,
  hostnameParts,
  type PrivateKind,
  type PrivateName,
} from '#engine/diagnostics/redact.ts';
import { runs } from '../../../support/runs.ts';

const names: readonly PrivateName[] = [
  { kind: 'home', text: '/home/ada' },
  { kind: 'user', text: 'ada' },
  { kind: 'host', text: 'gpu1' },
  { kind: 'host', text: 'gpu10' },
  ...hostnameParts('gpu10.corp.example.org'),
];

describe('a redactor', () => {
  const redact = createRedactor(names);

  it('puts words in the place of names, the longest first, whatever their case', () => {
    expect(redact('GPU1: connect to gpu10.CORP.example.org (gpu10) as Ada')).toBe(
      'host-1: connect to hostname-1 (host-2) as user-1',
    );
    expect(redact("ssh gpu1 'nvidia-smi'; scp gpu1:/home/ada/.ssh/config .")).toBe(
      "ssh host-1 'nvidia-smi'; scp host-1:~/.ssh/config .",
    );
    expect(redact('adapter gpu100 gpu1x xgpu1')).toBe('adapter gpu100 gpu1x xgpu1');
  });

  it('knows a host by its domain and by the first part of its name', () => {
    expect(redact('*.corp.example.org and www.example.org')).toBe('*.domain-1 and hostname-2');
    expect(hostnameParts('10.0.0.7')).toEqual([{ kind: 'address', text: '10.0.0.7' }]);
    expect(hostnameParts('fe80::1')).toEqual([{ kind: 'address', text: 'fe80::1' }]);
    expect(hostnameParts('localhost')).toEqual([]);
  });

  it.each([
    ['connect ECONNREFUSED 10.1.2.3:22', 'connect ECONNREFUSED address-1:22'],
    [
      'connect ECONNREFUSED 10.1.2.3:22, 127.0.0.1:22 and ::1',
      'connect ECONNREFUSED address-1:22, 127.0.0.1:22 and ::1',
    ],
    ['from 2001:db8::7 port 22', 'from address-1 port 22'],
    ['bob@laptop asks', 'user-2@hostname-2 asks'],
    ['ada@gpu1 asks', 'user-1@host-1 asks'],
    ['/home/bob/.ssh/id_rsa and C:\\Users\\bob\\key', '/home/user-2/.ssh/id_rsa and C:\\Users\\user-2\\key'],
    ['ssh://node7.cluster.local:22', 'ssh://hostname-2:22'],
    [`SHA256:${'x'.repeat(43)}`, 'key-1'],
    ['GPU-3f2b8a54-90aa-4c11-b1f0-0123456789ab lost', 'GPU-id-1 lost'],
  ])('finds what is private by its form: %s', (text, expected) => {
    expect(createRedactor(names)(text)).toBe(expected);
  });

  it.each([
    'at 18:16:22.123 after 400 ms',
    'driver 550.54.15, OpenSSH_9.2p1 and /etc/ssh/ssh_config.d/a.conf.old',
    'Xid 79: std::bad_alloc in config.json',
    'nobody@',
  ])('leaves the rest: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('does not show the beginning of a name at the end of a text that was cut', () => {
    expect(redact('the host says gpu10.corp.exa…')).toBe('the host says hostname-1…');
    expect(redact('the host says gpu1…')).toBe('the host says host-1…');
    expect(redact('the host says gp…')).toBe('the host says gp…');
  });

  it('keeps the word of a name it met by itself', () => {
    const one = createRedactor([]);
    expect([one('bob@x9'), one('10.9.9.9'), one('10.9.9.8'), one('at 10.9.9.9, BOB@X9')]).toEqual([
      'user-1@hostname-1',
      'address-1',
      'address-2',
      'at address-1, user-1@hostname-1',
    ]);
  });
});

const kinds: readonly PrivateKind[] = ['host', 'hostname', 'domain', 'address', 'user', 'model'];
const ownWords: ReadonlySet<string> = new Set([...kinds, 'key', 'id', 'home']);
/** What people give as names: letters, digits, and what stands between them. */
const aName = fc
  .stringMatching(/^[\p{L}\p{N}]{1,8}([._/+@-][\p{L}\p{N}]{1,8}){0,3}$/u)
  // The words that stand for names are not told from names.
  .filter((name) => !/^\d+$/.test(name) && !ownWords.has(name.toLowerCase()) && !/^[a-z]+-\d+$/i.test(name));
const someNames = fc.uniqueArray(fc.record({ kind: fc.constantFrom(...kinds), text: aName }), {
  minLength: 1,
  maxLength: 12,
  selector: ({ text }) => text.toLowerCase(),
});
/** What stands around a name in a text; empty only at its ends. */
const between = fc.stringMatching(/^[ :,;()[\]'"/=@_.-]{1,4}$/);
const inSomeCase = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => [...text].map((one, at) => (at % 2 === 0 ? one.toUpperCase() : one.toLowerCase())).join(''),
);

/** Whether the name still stands somewhere by itself. */
function survives(text: string, name: string): boolean {
  const [lower, wanted] = [text.toLowerCase(), name.toLowerCase()];
  const isLetter = (at: number) => /[\p{L}\p{N}]/u.test(lower.charAt(at));
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
    if (!isLetter(at - 1) && !isLetter(at + wanted.length)) return true;
  }
  return false;
}

describe('no planted name survives', () => {
  it('in any case, order and company', () => {
    const pieces = fc.array(fc.record({ pick: fc.nat(), change: inSomeCase, before: between }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(someNames, pieces, between, (planted, parts, end) => {
        const text = parts
          .map(({ pick, change, before }) => before + change(planted[pick % planted.length]?.text ?? ''))
          .join('');
        const redacted = createRedactor(planted)(text + end);
        for (const name of planted)
          expect(survives(redacted, name.text), `${name.text} in ${redacted}`).toBe(false);
      }),
      runs(500),
    );
  });

  it('and what holds no name is left as it is', () => {
    fc.assert(
      fc.property(someNames, fc.stringMatching(/^[ :,;()=-]*$/), (planted, text) => {
        expect(createRedactor(planted)(text)).toBe(text);
      }),
    );
  });

  it('whatever else is in the text', () => {
    fc.assert(
      fc.property(someNames, fc.string({ unit: 'binary' }), (planted, noise) => {
        const redacted = createRedactor(planted)(`${noise} ${planted.map(({ text }) => text).join(' ')}`);
        for (const { text } of planted)
          expect(survives(redacted, text), `${text} in ${redacted}`).toBe(false);
      }),
    );
  });
});

it('takes a time that grows with the length of the text alone', () => {
  const redact = createRedactor([{ kind: 'user', text: 'anna' }]);
  for (const part of ['1.', '-', 'a.', '+a'])
    expect(redact(`${part.repeat(400_000 / part.length)} anna`)).toMatch(/ user-1$/);
});
