import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKeyFile } from '#engine/ssh/keys/key-file.ts';
import { type Folder, temporaryFolder } from '../../../../support/folder.ts';
import { runs } from '../../../../support/runs.ts';

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const path = (name: string): string => join(folder.path, name);

it('what is missing, a folder or rubbish says so', async () => {
  expect(await readKeyFile(`${folder.path}/none`)).toEqual({ kind: 'missing' });
  expect(await readKeyFile(folder.path)).toMatchObject({ kind: 'unusable', why: 'is not a key file' });
  for (const rubbish of [
    '',
    'hello',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n',
    '-----BEGIN OPENSSH PRIVATE KEY-----\n!!!\n',
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n',
  ]) {
    const path = await folder.write('rubbish', rubbish);
    expect(await readKeyFile(path)).toMatchObject({ kind: 'unusable', publicKey: null });
  }
});

describe('any text', () => {
  const words = fc.constantFrom(
    '-----BEGIN RSA PRIVATE KEY-----',
    '-----END RSA PRIVATE KEY-----',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '-----END OPENSSH PRIVATE KEY-----',
    '-----BEGIN EC PARAMETERS-----',
    '-----BEGIN PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    'DEK-Info: AES-128-CBC,00',
    'PuTTY-User-Key-File-2: ssh-rsa',
    'Public-Lines: 2',
    'Private-Lines: 999999999',
    'Private-MAC: 00',
    '---- BEGIN SSH2 PUBLIC KEY ----',
    '---- END SSH2 PUBLIC KEY ----',
    'b3BlbnNzaC1rZXktdjEA',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5',
    'AAAA',
  );

  it('is a key file or not, without an error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n', ' '),
        async (lines, separator) => {
          await writeFile(path('any'), lines.join(separator), 'latin1');
          expect(['private', 'public', 'locked', 'unusable']).toContain(
            (await readKeyFile(path('any'))).kind,
          );
        },
      ),
      runs(500),
    );
  });

  it.each([
    ['headers without an end', '-----BEGIN RSA PRIVATE KEY-----\n', 'a: b\n', ''],
    ['headers', '-----BEGIN RSA PRIVATE KEY-----\n', 'a: b\n', '-----END RSA PRIVATE KEY-----\n'],
    ['words', '-----BEGIN RSA PRIVATE KEY-----\n', 'a\n', '-----END RSA PRIVATE KEY-----\n'],
    ['public lines', '---- BEGIN SSH2 PUBLIC KEY ----\r\n', 'AAAA\r\n', ''],
    [
      'private lines',
      'PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\n',
      'Private-Lines: 1\n',
      '',
    ],
    ['blanks', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA', ' ', 'x\u0000'],
    ['numbers', 'ssh-ed25519 ', 'A', '!'],
  ])('of very many %s is refused soon', async (_, begin, middle, end) => {
    const most = Math.floor((65_536 - begin.length - end.length) / middle.length);
    await writeFile(path('many'), begin + middle.repeat(most) + end, 'latin1');
    expect((await readKeyFile(path('many'))).kind).toBe('unusable');
  });
});
