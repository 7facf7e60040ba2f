/** known_hosts files as files: to read what concerns a host, and to add a key. */

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import {
  entriesAbout,
  hashName,
  type KnownHostEntry,
  keyType,
  type LookupName,
  linesAbout,
  parseKnownHost,
  saltBytes,
} from './known-hosts.ts';

/** Read in pieces, so that the size is a matter of time alone: about a second for this much. */
const maxFileBytes = 500_000_000;
/** The longest key and a great many names. */
const maxLineChars = 1_000_000;

/**
 * Reads what the files say, in their order; with a name, what they say of it. One that is missing, a folder or a device
 * such as /dev/null says nothing. Any other that cannot be read in full may hold the key that the host should have, so
 * that nothing is known of the host then. Errors: `known-hosts-unreadable`.
 */
export async function readKnownHosts(
  files: readonly string[],
  about?: LookupName,
): Promise<KnownHostEntry[]> {
  return (await Promise.all(files.map((file) => readOne(file, about)))).flat();
}

/** For an ssh that takes a file that it cannot read for an empty one. Errors: `known-hosts-unreadable`. */
export async function checkReadable(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => reading(file, async () => (await open(file)).close())));
}

async function readOne(file: string, about: LookupName | undefined): Promise<KnownHostEntry[]> {
  return (await reading(file, () => readLines(file, about))) ?? [];
}

/** Null for what says nothing. */
async function reading<T>(file: string, read: () => Promise<T>): Promise<T | null> {
  try {
    const info = await stat(file);
    if (info.isDirectory() || info.isCharacterDevice()) return null;
    if (!info.isFile()) throw new Error('not a regular file');
    if (info.size > maxFileBytes) throw new Error(`larger than ${maxFileBytes / 1_000_000} MB`);
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const detail = plainText(`${file}: ${messageOf(error)}`, 300);
    throw new AppError('known-hosts-unreadable', { step: 'handshake', detail, cause: error });
  }
}

async function readLines(file: string, about: LookupName | undefined): Promise<KnownHostEntry[]> {
  const entries: KnownHostEntry[] = [];
  let number = 0;
  const mayBeAbout = about && linesAbout(about);
  const take = (lines: readonly string[]): void => {
    const all = lines.flatMap((line) => {
      number += 1;
      if (mayBeAbout?.test(line) === false) return [];
      return parseKnownHost(line, file, number) ?? [];
    });
    for (const entry of about === undefined ? all : entriesAbout(all, about)) entries.push(entry);
  };
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineChars) throw new Error(`line ${number + lines.length + 1} is too long`);
    take(lines);
  }
  take([rest]);
  return entries;
}

/**
 * Appends a key under `name` in lower case, hashed if asked for; makes the folder (0700) and the file (0600) where they
 * are missing, and ends a last line that has no end. Rejects with the error of the file system; then nothing is left of
 * the line, unless another program has written behind it meanwhile.
 */
export async function appendKnownHost(
  file: string,
  { name, key, hash }: { readonly name: string; readonly key: Buffer; readonly hash: boolean },
): Promise<void> {
  const host = hash ? hashName(name.toLowerCase(), randomBytes(saltBytes)) : name.toLowerCase();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? null : await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
    const newline = last === null || last.buffer.toString() === '\n' ? '' : '\n';
    await append(handle, Buffer.from(`${newline}${host} ${keyType(key)} ${key.toString('base64')}\n`));
  } finally {
    await handle.close();
  }
}

/** On a full disk a write may end in the middle, and what is left of it would read as another key of the host. */
async function append(handle: FileHandle, line: Buffer): Promise<void> {
  let written = 0;
  try {
    while (written < line.length) written += (await handle.write(line, written)).bytesWritten;
    await handle.sync();
  } catch (error) {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(written, size));
    await handle.read({ buffer: tail, position: size - tail.length });
    if (tail.equals(line.subarray(0, written))) await handle.truncate(size - written);
    throw error;
  }
}
