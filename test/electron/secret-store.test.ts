import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SecretStore } from '#engine/secrets/prompts.ts';
import { openSecretStore } from '../../main/electron/secret-store.ts';
import { resetDouble, safeStorage } from './double.ts';

vi.mock('electron', () => import('./double.ts'));

let folder: string;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-secrets-'));
  lines = [];
});
afterEach(async () => {
  resetDouble();
  await rm(folder, { recursive: true });
});

function open(platform: NodeJS.Platform = 'linux'): SecretStore {
  const store = openSecretStore(
    folder,
    platform,
    (level, message) => void lines.push(`${level}: ${message}`),
  );
  if (store === null) throw new Error('no store');
  return store;
}

const memo = 'passphrase of /home/me/.ssh/id.ed25519';
const file = () => path.join(folder, 'secrets.json');

it('remembers over a restart, encrypted, in a file of the user alone', async () => {
  await open().write(memo, 'correct horse');
  expect(await open().read(memo)).toBe('correct horse');
  expect(open().memos()).toEqual([memo]);
  expect(await readFile(file(), 'utf8')).not.toContain('correct horse');
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  open().remove(memo);
  expect(await open().read(memo)).toBeNull();
});

it('keeps what it cannot decrypt now: the keyring that encrypted it may come back', async () => {
  await open().write(memo, 'correct horse');
  safeStorage.keyring = 2;
  expect(await open().read(memo)).toBeNull();
  expect(lines).toEqual(['warn: a remembered answer cannot be decrypted now; it will be asked for']);
  safeStorage.keyring = 1;
  expect(await open().read(memo)).toBe('correct horse');
});

it('encrypts anew what a newer key asks for', async () => {
  await open().write(memo, 'correct horse');
  safeStorage.rotated = true;
  const before = await readFile(file(), 'utf8');
  expect(await open().read(memo)).toBe('correct horse');
  expect(await readFile(file(), 'utf8')).not.toBe(before);
  expect(await open().read(memo)).toBe('correct horse');
});

it('is not there where Linux has no keyring, for there nothing is encrypted', () => {
  safeStorage.backend = 'basic_text';
  expect(openSecretStore(folder, 'linux', () => undefined)).toBeNull();
  expect(openSecretStore(folder, 'darwin', () => undefined)).not.toBeNull();
});

it('opens the keyring only when something is read or written', async () => {
  const store = open();
  store.memos();
  expect(await store.read(memo)).toBeNull();
  expect(safeStorage.opened).toBe(0);
  await store.write(memo, 'correct horse');
  expect(safeStorage.opened).toBe(1);
});

it('stores nothing that cannot be encrypted, and says so in the log', async () => {
  const store = open();
  safeStorage.available = false;
  await store.write(memo, 'correct horse');
  expect(store.memos()).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(/^warn: an answer cannot be remembered/)]);
});
