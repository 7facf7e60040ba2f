import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  entriesAbout,
  fingerprint,
  hashName,
  judgeHostKey,
  knownKeyTypes,
  type LookupName,
  linesAbout,
  lookupName,
  parseKnownHosts,
} from '#engine/ssh/trust/known-hosts.ts';
import { appendKnownHost, readKnownHosts } from '#engine/ssh/trust/known-hosts-file.ts';
import { type Folder, temporaryFolder } from '../../../../support/folder.ts';
import { bytesInUse } from '../../../../support/memory.ts';
import { runs } from '../../../../support/runs.ts';
import { hostKey, knownHostsLine as line } from '../../../../support/ssh/host-keys.ts';

const parse = (...lines: string[]) => parseKnownHosts(lines.join('\n'), 'kh');

const ed = hostKey('ssh-ed25519', 1);
const otherEd = hostKey('ssh-ed25519', 2);
const rsa = hostKey('ssh-rsa', 3);
const at22 = lookupName('Host.Example', 22, null);
const at2222 = lookupName('Host.Example', 2222, null);

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('what concerns one host', () => {
  const lines = Array.from({ length: 1000 }, (_, n) => line(`[gpu]:${n}`, ed));

  it('is judged as all of it is, its bare name and its markers included', () => {
    const entries = parse(...lines, line('gpu', otherEd), `@revoked ${line('gpu', rsa)}`);
    const lookup = lookupName('gpu', 7, null);
    const about = entriesAbout(entries, lookup);
    expect(about.map(({ line: at }) => at)).toEqual([8, 1001, 1002]);
    for (const shown of [ed, otherEd, rsa])
      expect(judgeHostKey(about, lookup, shown)).toEqual(judgeHostKey(entries, lookup, shown));
  });

  it('is found in few lines of a large file, which alone are taken apart', () => {
    const more = [...lines, line('gpu', otherEd), `@revoked ${line('gpu', rsa)}`, line('gpu.example', ed)];
    const taken = (lookup: LookupName) => more.filter((each) => linesAbout(lookup).test(each));
    expect(taken(lookupName('gpu', 7, null))).toEqual([lines[7], more[1000], more[1001]]);
    expect(taken(lookupName('GPU.Example', 22, null))).toEqual([more[1002]]);
  });

  it('is in none of the lines that are passed over', () => {
    const name = fc.constantFrom(
      'gpu',
      'GPU',
      '[gpu]:7',
      'gpu.x',
      'xgpu',
      '10.0.0.1',
      'g?u',
      'gp*',
      '!gpu',
      'Ärger',
      'b',
    );
    const names = fc.array(name, { minLength: 1, maxLength: 4 }).map((all) => all.join(','));
    const hashed = fc.constantFrom('gpu', 'xgpu').map((one) => hashName(one, Buffer.alloc(20, 1)));
    const lead = fc.constantFrom('', ' ', '\t', '@revoked ', '@cert-authority\t');
    const end = fc.constantFrom('', '\r', ' a comment, gpu');
    const key = ` ssh-ed25519 ${ed.toString('base64')}`;
    const text = fc.tuple(lead, fc.oneof(names, hashed), end).map(([a, b, c]) => `${a}${b}${key}${c}`);
    const lookup = fc
      .tuple(fc.constantFrom('gpu', 'gpu.x', '10.0.0.1', 'Ärger'), fc.constantFrom(22, 7))
      .map(([hostname, port]) => lookupName(hostname, port, null));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), lookup, (texts, about) => {
        const kept = texts.map((each) => (linesAbout(about).test(each) ? each : '#'));
        expect(entriesAbout(parse(...kept), about)).toEqual(entriesAbout(parse(...texts), about));
      }),
      runs(500),
    );
  });

  it('does not keep the rest in memory', () => {
    const before = bytesInUse();
    const kept = lines
      .slice(100, 200)
      .map((_, n) => entriesAbout(parse(...lines), lookupName('gpu', 100 + n, null)));
    expect(bytesInUse() - before).toBeLessThan(1_000_000);
    expect(kept.flat()).toHaveLength(100);
  });
});

describe('a key', () => {
  it('is known under the lower-case name', () => {
    expect(judgeHostKey(parse(line('host.example', ed)), at22, ed)).toEqual({ kind: 'known' });
    expect(judgeHostKey(parse(line('HOST.example,10.0.0.1', ed)), at22, ed)).toEqual({ kind: 'known' });
  });

  it('on another port is known under name and port, or else under the bare name', () => {
    expect(at2222).toEqual({ name: '[host.example]:2222', fallback: 'host.example' });
    expect(judgeHostKey(parse(line('[host.example]:2222', ed)), at2222, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', ed)), at2222, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', otherEd)), at2222, ed).kind).toBe('unknown');
    const both = parse(line('[host.example]:2222', otherEd), line('host.example', ed));
    expect(judgeHostKey(both, at2222, ed).kind).toBe('changed');
  });

  it('is looked up under HostKeyAlias alone', () => {
    const alias = lookupName('host.example', 2222, 'The-Alias');
    expect(alias).toEqual({ name: 'the-alias', fallback: null });
    expect(judgeHostKey(parse(line('the-alias', ed)), alias, ed).kind).toBe('known');
    expect(judgeHostKey(parse(line('host.example', ed)), alias, ed).kind).toBe('unknown');
  });

  it('has changed when others are known, and the one of its type is named', () => {
    expect(
      judgeHostKey(parse('# c', line('host.example', rsa), line('host.example', otherEd)), at22, ed),
    ).toEqual({
      kind: 'changed',
      knownFingerprints: [`ssh-rsa ${fingerprint(rsa)}`, `ssh-ed25519 ${fingerprint(otherEd)}`],
      file: 'kh',
      line: 3,
    });
    expect(judgeHostKey(parse(line('host.example', rsa)), at22, ed).kind).toBe('changed');
  });

  it('is known when it is one of several', () => {
    expect(judgeHostKey(parse(line('host.example', rsa), line('*.example', ed)), at22, ed).kind).toBe(
      'known',
    );
  });

  it('is revoked whatever else is known', () => {
    const entries = parse(line('host.example', ed), `@revoked ${line('*', ed)}`);
    expect(judgeHostKey(entries, at22, ed)).toEqual({ kind: 'revoked', file: 'kh', line: 2 });
    const bare = parse(`@revoked ${line('host.example', ed)}`);
    expect(judgeHostKey(bare, at2222, ed).kind).toBe('revoked');
    expect(judgeHostKey(bare, at2222, otherEd).kind).toBe('unknown');
  });

  it('of an authority is no key of the host', () => {
    const entries = parse(`@cert-authority ${line('*.example', ed)}`);
    expect(judgeHostKey(entries, at22, ed)).toEqual({ kind: 'unknown', certAuthority: true });
    expect(knownKeyTypes(entries, at22)).toEqual([]);
  });

  it('is not known by a line that is negated, broken, of SSH 1 or marked in a way we do not know', () => {
    const broken = [
      line('*,!host.example', ed),
      'host.example ssh-ed25519',
      'host.example ssh-ed25519 AAAA',
      `host.example ssh-rsa ${ed.toString('base64')}`,
      'host.example 1024 35 1234567890',
      `@new ${line('host.example', ed)}`,
      `#${line('host.example', ed)}`,
      `|1|bad ${line('', ed)}`,
      `|2|c2FsdA==|aGFzaA== ${line('', ed).trim()}`,
    ];
    expect(judgeHostKey(parse(...broken), at22, ed)).toEqual({ kind: 'unknown', certAuthority: false });
  });
});

describe('known types', () => {
  it('come in the order of the file, from the bare name only when the other has none', () => {
    const entries = parse(
      line('[host.example]:2222', rsa),
      line('[host.example]:2222', ed),
      line('host.example', ed),
    );
    expect(knownKeyTypes(entries, at2222)).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes(entries, at22)).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(entries, lookupName('host.example', 23, null))).toEqual(['ssh-ed25519']);
  });
});

describe('files', () => {
  it('that are missing, a folder or a device have no entries', async () => {
    const file = await folder.write('kh', `${line('a', ed)}\r\n`);
    const entries = await readKnownHosts([`${folder.path}/none`, folder.path, '/dev/null', file]);
    expect(entries).toMatchObject([{ hosts: 'a', type: 'ssh-ed25519', file, line: 1 }]);
  });

  it('are only ever appended to', async () => {
    const file = await folder.write('append', '# mine');
    await appendKnownHost(file, { name: '[Host.Example]:2222', key: ed, hash: false });
    await appendKnownHost(file, { name: 'host.example', key: rsa, hash: true });
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['# mine', line('[host.example]:2222', ed)]);
    expect(lines[2]).toMatch(/^\|1\|\S{28}\|\S{28} ssh-rsa /);
    expect(lines.slice(3)).toEqual(['']);
    const entries = await readKnownHosts([file]);
    expect(judgeHostKey(entries, at22, rsa).kind).toBe('known');
  });
});

describe('any text', () => {
  it('is read and judged without an error', () => {
    const fields = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '@revoked',
        '@cert-authority',
        '|1|',
        '|1|a|b',
        '*',
        '!',
        ',',
        'ssh-ed25519',
        ed.toString('base64'),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(fields, { maxLength: 6 }), { maxLength: 20 }),
        fc.uint8Array(),
        (lines, bytes) => {
          const entries = parseKnownHosts(lines.map((each) => each.join(' ')).join('\n'), 'kh');
          const verdict = judgeHostKey(entries, at2222, Buffer.from(bytes));
          expect(['known', 'unknown', 'changed', 'revoked']).toContain(verdict.kind);
          knownKeyTypes(entries, at2222);
        },
      ),
      runs(500),
    );
  });

  it('never makes a key known that no line holds', () => {
    const words = fc.stringMatching(/^[ -~]{0,40}$/);
    fc.assert(
      fc.property(fc.array(words, { maxLength: 10 }), (lines) => {
        expect(judgeHostKey(parseKnownHosts(lines.join('\n'), 'kh'), at22, ed).kind).not.toBe('known');
      }),
    );
  });
});
