import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SecretStore } from '#engine/prompts.ts';
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
  open().write(memo, 'correct horse');
  expect(open().read(memo)).toBe('correct horse');
  expect(await readFile(file(), 'utf8')).not.toContain('correct horse');
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  open().remove(memo);
  expect(open().read(memo)).toBeNull();
});

it('forgets what another keyring has encrypted', () => {
  open().write(memo, 'correct horse');
  safeStorage.keyring = 2;
  expect(open().read(memo)).toBeNull();
  expect(lines).toEqual(['warn: a remembered answer cannot be decrypted; it will be asked for again']);
  safeStorage.keyring = 1;
  expect(open().read(memo)).toBeNull();
});

it('says where it only obscures', () => {
  expect(open().kind).toBe('encrypted');
  safeStorage.backend = 'basic_text';
  expect(open().kind).toBe('plain-text');
  expect(open('darwin').kind).toBe('encrypted');
});

it('is not there where nothing can be encrypted', () => {
  safeStorage.available = false;
  expect(openSecretStore(folder, 'linux', () => undefined)).toBeNull();
});
