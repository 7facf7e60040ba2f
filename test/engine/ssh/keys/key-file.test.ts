import { execFileSync, spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyFile, type LockedKey, readKeyFile, unlockKey } from '#engine/ssh/keys/key-file.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs } from '../../../support/runs.ts';

const have = (program: string): boolean => {
  const found = spawnSync(program, ['--version']).error === undefined;
  if (!found) console.warn(`skipped: there is no ${program} here`);
  return found;
};
const haveTools = have('ssh-keygen') && have('openssl');
const havePuttygen = have('puttygen');

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const path = (name: string): string => join(folder.path, name);

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    cwd: folder.path,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Makes a key pair. All RSA keys are one in different clothes, as making them takes long. */
function keygen(name: string, type: string, ...args: string[]): void {
  const base = path('base-rsa');
  if (type !== 'rsa') {
    run('ssh-keygen', '-q', '-t', type, '-C', 'a comment', ...args, '-f', path(name));
    return;
  }
  if (!existsSync(base)) run('ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', base);
  copyFileSync(base, path(name));
  copyFileSync(`${base}.pub`, path(`${name}.pub`));
  run('ssh-keygen', '-p', '-P', '', ...args, '-f', path(name));
}

/** The public half as ssh-keygen wrote it beside the key. */
async function publicHalf(name: string): Promise<Buffer> {
  return Buffer.from((await readFile(path(`${name}.pub`), 'utf8')).split(' ')[1] ?? '', 'base64');
}

interface Sample {
  readonly title: string;
  /** Makes the key at this name. */
  readonly make: (name: string) => unknown;
  readonly kind: KeyFile['kind'];
  /** How `why` goes on; FILE stands for the path. */
  readonly why?: string;
  /** The program to make it with beside ssh-keygen and openssl. */
  readonly needs?: 'puttygen';
  /** A key without a .pub file and without a public half in it. */
  readonly blind?: boolean;
}

const secret = ['-N', 'secret', '-a', '1'];

function putty(name: string, type: string, version: number, passphrase = ''): void {
  keygen(`${name}-ssh`, type, '-N', '');
  const param = `version=${version}`;
  writeFileSync(path('pass'), passphrase);
  renameSync(path(`${name}-ssh.pub`), path(`${name}.pub`));
  const args = [path(`${name}-ssh`), '-O', 'private', '--ppk-param', param, '--new-passphrase', path('pass')];
  run('puttygen', ...args, '-o', path(name));
}

const pkcs8 = 'is in PKCS#8 format: convert it with ssh-keygen -p -f FILE, or use the system ssh';
const dsa = 'is a DSA key, which servers no longer take: make a new one with ssh-keygen -t ed25519';

const samples: readonly Sample[] = [
  ...['ed25519', 'rsa', 'ecdsa'].map(
    (type): Sample => ({
      title: `OpenSSH ${type}`,
      make: (name) => keygen(name, type, '-N', ''),
      kind: 'private',
    }),
  ),
  ...['384', '521'].map(
    (bits): Sample => ({
      title: `OpenSSH ecdsa ${bits}`,
      make: (name) => keygen(name, 'ecdsa', '-b', bits, '-N', ''),
      kind: 'private',
    }),
  ),
  ...['rsa', 'ecdsa'].map(
    (type): Sample => ({
      title: `PEM ${type}`,
      make: (name) => keygen(name, type, '-m', 'PEM', '-N', ''),
      kind: 'private',
    }),
  ),
  {
    title: 'PEM ecdsa with parameters',
    make: (name) => run('openssl', 'ecparam', '-genkey', '-name', 'prime256v1', '-out', path(name)),
    kind: 'private',
    blind: true,
  },
  ...['aes256-ctr', 'aes256-cbc', 'aes256-gcm@openssh.com', '3des-cbc'].map(
    (cipher): Sample => ({
      title: `OpenSSH ed25519, ${cipher}`,
      make: (name) => keygen(name, 'ed25519', '-Z', cipher, ...secret),
      kind: 'locked',
    }),
  ),
  ...['rsa', 'ecdsa'].map(
    (type): Sample => ({
      title: `OpenSSH ${type} with a passphrase`,
      make: (name) => keygen(name, type, ...secret),
      kind: 'locked',
    }),
  ),
  ...['rsa', 'ecdsa'].map(
    (type): Sample => ({
      title: `PEM ${type} with a passphrase`,
      make: (name) => keygen(name, type, '-m', 'PEM', '-N', 'secret'),
      kind: 'locked',
    }),
  ),
  {
    title: 'PEM rsa, des3',
    make: (name) =>
      run(
        'openssl',
        'genrsa',
        '-traditional',
        '-des3',
        '-passout',
        'pass:secret',
        '-out',
        path(name),
        '2048',
      ),
    kind: 'locked',
    blind: true,
  },
  { title: 'PuTTY 2 rsa', make: (name) => putty(name, 'rsa', 2), kind: 'private', needs: 'puttygen' },
  {
    title: 'PuTTY 2 rsa with a passphrase',
    make: (name) => putty(name, 'rsa', 2, 'secret'),
    kind: 'locked',
    needs: 'puttygen',
  },
  ...(
    [
      ['ed25519', 2, 'ssh-ed25519'],
      ['ed25519', 3, 'ssh-ed25519'],
      ['rsa', 3, 'ssh-rsa'],
    ] as const
  ).map(
    ([type, version, shown]): Sample => ({
      title: `PuTTY ${version} ${type}`,
      make: (name) => putty(name, type, version),
      kind: 'unusable',
      why: `is a PuTTY key (version ${version}, ${shown}): convert it with puttygen FILE -O private-openssh -o NEW`,
      needs: 'puttygen',
    }),
  ),
  {
    title: 'PuTTY 3 rsa with a passphrase',
    make: (name) => putty(name, 'rsa', 3, 'secret'),
    kind: 'unusable',
    why: 'is a PuTTY key (version 3, ssh-rsa): convert it with puttygen FILE -O private-openssh -o NEW',
    needs: 'puttygen',
  },
  ...['rsa', 'ecdsa'].map(
    (type): Sample => ({
      title: `PKCS#8 ${type}`,
      make: (name) => keygen(name, type, '-m', 'PKCS8', '-N', ''),
      kind: 'unusable',
      why: pkcs8,
    }),
  ),
  {
    title: 'PKCS#8 rsa with a passphrase',
    make: (name) => keygen(name, 'rsa', '-m', 'PKCS8', '-N', 'secret'),
    kind: 'unusable',
    why: pkcs8,
  },
  {
    title: 'PKCS#8 ed25519',
    make: (name) => run('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', path(name)),
    kind: 'unusable',
    why: 'is an Ed25519 key in PKCS#8 format: convert it with ssh-keygen -p -f FILE (of OpenSSH 9.6 or newer), or use the system ssh',
    blind: true,
  },
  { title: 'OpenSSH dsa', make: (name) => makeDsa(name), kind: 'unusable', why: dsa },
  {
    title: 'OpenSSH ed25519, chacha20',
    make: (name) => keygen(name, 'ed25519', '-Z', 'chacha20-poly1305@openssh.com', ...secret),
    kind: 'unusable',
    why: 'is encrypted with chacha20-poly1305@openssh.com: change that with ssh-keygen -p -Z aes256-ctr -f FILE, or add it to the agent',
  },
  {
    title: 'OpenSSH security key',
    make: (name) => writeFile(path(name), container('sk-ssh-ed25519@openssh.com')),
    kind: 'unusable',
    why: 'is for a security key (sk-ssh-ed25519@openssh.com): use the system ssh',
    blind: true,
  },
  {
    title: 'OpenSSH key of a new type',
    make: (name) => writeFile(path(name), container('ssh-\u001b[31mnew@example')),
    kind: 'unusable',
    why: 'is of a type that cannot be used here (ssh-new@example): use the system ssh',
    blind: true,
  },
  {
    title: 'public half of a security key',
    make: (name) =>
      writeFile(path(name), `sk-ssh-ed25519@openssh.com ${blob('sk-ssh-ed25519@openssh.com')} c\n`),
    kind: 'unusable',
    why: 'is for a security key (sk-ssh-ed25519@openssh.com): use the system ssh',
    blind: true,
  },
  {
    title: 'very many rounds',
    make: async (name) => {
      keygen(name, 'ed25519', ...secret);
      await setRounds(name, 1_000_000_000);
    },
    kind: 'unusable',
    why: 'has a passphrase that takes long to check (1000000000 rounds); add it to the agent',
  },
  {
    title: 'ssh.com',
    make: (name) => {
      keygen(`${name}-ssh`, 'rsa', '-N', '');
      run('puttygen', path(`${name}-ssh`), '-O', 'private-sshcom', '-o', path(name));
    },
    kind: 'unusable',
    why: 'is in the format of ssh.com: convert it with ssh-keygen -i -f FILE > NEW',
    needs: 'puttygen',
    blind: true,
  },
  {
    title: 'certificate',
    make: async (name) => {
      keygen(`${name}-key`, 'ed25519', '-N', '');
      keygen(`${name}-ca`, 'ed25519', '-N', '');
      run('ssh-keygen', '-q', '-s', path(`${name}-ca`), '-I', 'me', '-n', 'me', path(`${name}-key.pub`));
      await writeFile(path(name), await readFile(path(`${name}-key-cert.pub`)));
    },
    kind: 'unusable',
    why: 'is a certificate, not a key',
    blind: true,
  },
  {
    title: 'public key',
    make: async (name) => {
      keygen(`${name}-ssh`, 'ed25519', '-N', '');
      await writeFile(path(name), await readFile(path(`${name}-ssh.pub`)));
    },
    kind: 'public',
    blind: true,
  },
  {
    title: 'public key of RFC 4716',
    make: async (name) => {
      keygen(`${name}-ssh`, 'rsa', '-N', '');
      await writeFile(path(name), run('ssh-keygen', '-e', '-f', path(`${name}-ssh.pub`)));
    },
    kind: 'public',
    blind: true,
  },
  {
    title: 'curve that SSH does not have',
    make: (name) => run('openssl', 'ecparam', '-genkey', '-name', 'secp256k1', '-noout', '-out', path(name)),
    kind: 'unusable',
    why: 'cannot be read here (Unsupported private key EC OID: 1.3.132.0.10)',
    blind: true,
  },
  {
    title: 'key cut short',
    make: async (name) => {
      keygen(name, 'ed25519', '-N', '');
      await writeFile(path(name), (await readFile(path(name), 'utf8')).slice(0, 200));
    },
    kind: 'unusable',
    why: 'is damaged or cut short',
  },
  {
    title: 'something else',
    make: (name) => writeFile(path(name), 'Host a\n'),
    kind: 'unusable',
    why: 'is not a key file',
    blind: true,
  },
  {
    title: 'something large',
    make: (name) => writeFile(path(name), 'x'.repeat(65_537)),
    kind: 'unusable',
    why: 'is not a key file',
    blind: true,
  },
];

/** Newer versions of ssh-keygen make none; the format is what counts. */
async function makeDsa(name: string): Promise<void> {
  if (spawnSync('ssh-keygen', ['-q', '-t', 'dsa', '-N', '', '-f', path(name)]).status === 0) return;
  await writeFile(path(name), container('ssh-dss'));
  await writeFile(path(`${name}.pub`), `ssh-dss ${blob('ssh-dss')}\n`);
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

const blob = (type: string): string => Buffer.concat([text(type), text('x'.repeat(32))]).toString('base64');

/** An OpenSSH private key file as far as its outside goes (PROTOCOL.key). */
function container(type: string): string {
  const one = Buffer.from([0, 0, 0, 1]);
  const publicKey = text(Buffer.from(blob(type), 'base64'));
  const parts = [
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    one,
    publicKey,
    text('inside'),
  ];
  const body = Buffer.concat(parts).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** The four bytes after the salt of 16 in the options of bcrypt. */
async function setRounds(name: string, rounds: number): Promise<void> {
  const [begin = '', ...rest] = (await readFile(path(name), 'utf8')).trim().split('\n');
  const data = Buffer.from(rest.slice(0, -1).join(''), 'base64');
  data.writeUInt32BE(rounds, data.indexOf('bcrypt') + 'bcrypt'.length + 4 + 4 + 16);
  await writeFile(path(name), [begin, data.toString('base64'), rest.at(-1), ''].join('\n'));
}

/** Every sample is made once; its number is its name. */
const made = new Map<string, KeyFile>();

describe.skipIf(!haveTools)('a key file', () => {
  const usable = samples.filter(({ needs }) => needs === undefined || havePuttygen);
  const nameOf = (title: string): string => `key ${usable.findIndex((sample) => sample.title === title)}`;

  beforeAll(async () => {
    for (const { title, make } of usable) {
      await make(nameOf(title));
      made.set(title, await readKeyFile(path(nameOf(title))));
    }
    const rows = usable.map(({ title }) => {
      const file = made.get(title);
      const why = file?.kind === 'unusable' ? file.why.replaceAll(`${folder.path}/`, '') : '';
      return `${title.padEnd(36)} ${file?.kind.padEnd(9)} ${why}`;
    });
    console.log(`key files\n${rows.join('\n')}`);
  });

  it.each(usable.map((sample) => [sample.title, sample.kind, sample] as const))(
    '(%s) is %s',
    async (title, kind, { why, blind }) => {
      const name = nameOf(title);
      const file = made.get(title);
      expect(file?.kind).toBe(kind);
      if (file?.kind === 'unusable') expect(file.why).toBe(why?.replaceAll('FILE', `'${path(name)}'`));
      if (file === undefined || file.kind === 'missing' || blind === true) return;
      expect(file.publicKey?.equals(await publicHalf(name))).toBe(true);
    },
  );

  it.each(usable.filter(({ kind }) => kind === 'locked').map((sample) => [sample.title, sample] as const))(
    '(%s) opens with its passphrase and no other',
    async (title, { blind }) => {
      const locked = made.get(title) as LockedKey;
      expect(await unlockKey(locked, 'wrong')).toBeNull();
      expect(await unlockKey(locked, '')).toBeNull();
      const key = await unlockKey(locked, 'secret');
      expect(key?.isPrivateKey()).toBe(true);
      if (blind !== true) expect(key?.getPublicSSH()).toEqual(await publicHalf(nameOf(title)));
      const signature = key?.sign(Buffer.from('data'), key.type === 'ssh-ed25519' ? undefined : 'sha256');
      expect(signature).toBeInstanceOf(Buffer);
    },
  );

  it('in PKCS#8 format is usable when what it says was done', async () => {
    for (const title of ['PKCS#8 rsa', 'PKCS#8 ecdsa']) {
      const file = path(`converted-${title.slice(-3)}`);
      await writeFile(file, await readFile(path(nameOf(title))), { mode: 0o600 });
      run('ssh-keygen', '-p', '-P', '', '-N', '', '-f', file);
      expect((await readKeyFile(file)).kind).toBe('private');
    }
  });

  it('with another cipher is usable when what it says was done', async () => {
    const file = path(nameOf('OpenSSH ed25519, chacha20'));
    run('ssh-keygen', '-p', '-Z', 'aes256-ctr', '-a', '1', '-P', 'secret', '-N', 'secret', '-f', file);
    const locked = await readKeyFile(file);
    expect(locked.kind === 'locked' && (await unlockKey(locked, 'secret'))?.type).toBe('ssh-ed25519');
  });

  it.skipIf(!havePuttygen)('of PuTTY or ssh.com is usable when what it says was done', async () => {
    const converted = path('converted-putty');
    run('puttygen', path(nameOf('PuTTY 3 ed25519')), '-O', 'private-openssh', '-o', converted);
    expect((await readKeyFile(converted)).kind).toBe('private');
    const sshCom = run('ssh-keygen', '-i', '-f', path(nameOf('ssh.com')));
    await writeFile(path('converted-sshcom'), sshCom);
    expect((await readKeyFile(path('converted-sshcom'))).kind).toBe('private');
  });

  it('whose encrypted part is damaged is an error and not a wrong passphrase', async () => {
    keygen('damaged', 'ed25519', ...secret);
    const whole = (await readFile(path('damaged'), 'utf8')).trim().split('\n');
    const data = Buffer.from(whole.slice(1, -1).join(''), 'base64');
    const cut = data.subarray(0, data.length - 16).toString('base64');
    await writeFile(path('damaged'), [whole[0], cut, whole.at(-1)].join('\n'));
    const locked = await readKeyFile(path('damaged'));
    expect(locked.kind).toBe('locked');
    await expect(unlockKey(locked as LockedKey, 'secret')).rejects.toThrow('the key file is damaged');
  });

  it('whose wrong passphrase gives numbers that only look like a key stays closed', async () => {
    // PKCS#1 as far as ssh2 looks: a sequence with the version, a modulus and an exponent.
    const numbers = Buffer.from([0x30, 0x0e, 2, 1, 0, 2, 4, 1, 2, 3, 4, 2, 3, 1, 0, 1]);
    const iv = Buffer.alloc(16, 7);
    const secretKey = createHash('md5').update('wrong').update(iv.subarray(0, 8)).digest();
    const cipher = createCipheriv('aes-128-cbc', secretKey, iv).setAutoPadding(false);
    const body = Buffer.concat([cipher.update(numbers), cipher.final()]).toString('base64');
    const headers = `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${iv.toString('hex').toUpperCase()}`;
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${headers}\n\n${body}\n-----END RSA PRIVATE KEY-----\n`;
    await writeFile(path('seeming'), pem);
    const locked = await readKeyFile(path('seeming'));
    expect(locked.kind).toBe('locked');
    expect(await unlockKey(locked as LockedKey, 'wrong')).toBeNull();
  });

  it('finds its public half in it or beside it, and is not held up by what is none', async () => {
    keygen('inside', 'ed25519', ...secret);
    const inside = await publicHalf('inside');
    await rm(path('inside.pub'));
    expect(await readKeyFile(path('inside'))).toMatchObject({ kind: 'locked', publicKey: inside });
    keygen('beside', 'rsa', '-m', 'PEM', '-N', 'secret');
    expect(await readKeyFile(path('beside'))).toMatchObject({ publicKey: await publicHalf('beside') });
    await rm(path('beside.pub'));
    expect(await readKeyFile(path('beside'))).toMatchObject({ kind: 'locked', publicKey: null });
    run('mkfifo', path('beside.pub'));
    expect(await readKeyFile(path('beside'))).toMatchObject({ kind: 'locked', publicKey: null });
    await rm(path('beside.pub'));
    await mkdir(path('beside.pub'));
    expect(await readKeyFile(path('beside'))).toMatchObject({ kind: 'locked', publicKey: null });
  });

  it('changed at random is read or refused in a bounded time, and never opens for a wrong passphrase', async () => {
    const originals = await Promise.all(
      usable
        .filter(({ title }) => !/large|rounds|PuTTY 3|something/.test(title))
        .map(({ title }) => readFile(path(nameOf(title)))),
    );
    const change = fc.record({
      original: fc.constantFrom(...originals),
      at: fc.nat(),
      bytes: fc.uint8Array({ maxLength: 8 }),
      cutAt: fc.option(fc.nat(), { freq: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ original, at, bytes, cutAt }) => {
        const changed = Buffer.from(original);
        changed.set(bytes.subarray(0, changed.length - (at % changed.length)), at % changed.length);
        await writeFile(
          path('changed'),
          changed.subarray(0, cutAt === null ? undefined : cutAt % changed.length),
        );
        const file = await readKeyFile(path('changed'));
        if (file.kind === 'unusable') expect(file.why).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        if (file.kind === 'locked') expect(await unlockKey(file, 'wrong').catch(() => null)).toBeNull();
      }),
      runs(400),
    );
  });
});
