import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** What an IdentityFile holds. Keys are public halves in SSH wire format. */
export type KeyFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'private'; readonly key: ParsedKey; readonly publicKey: Buffer }
  /** The file names a key that only an agent can use. */
  | { readonly kind: 'public'; readonly publicKey: Buffer }
  | LockedKey
  /** A private key that cannot be used as it is; the public half tells whether the agent has it. */
  | { readonly kind: 'unusable'; readonly why: string; readonly publicKey: Buffer | null };

/** A private key with a passphrase. */
export interface LockedKey {
  readonly kind: 'locked';
  /** The encrypted file. */
  readonly text: string;
  /** Null where neither the file nor one beside it tells. */
  readonly publicKey: Buffer | null;
}

const maxFileBytes = 1_000_000;

/** Reads a private or public key file without ever asking for a passphrase. Never rejects. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  let text: string;
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size > maxFileBytes)
      return { kind: 'unusable', why: 'is not a key file', publicKey: null };
    text = await readFile(path, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') return { kind: 'missing' };
    return { kind: 'unusable', why: `cannot be read (${code})`, publicKey: null };
  }
  const key = parse(text);
  if (!(key instanceof Error)) {
    const publicKey = key.getPublicSSH();
    return key.isPrivateKey() ? { kind: 'private', key, publicKey } : { kind: 'public', publicKey };
  }
  const publicKey = publicHalf(text) ?? (await publicFile(`${path}.pub`));
  if (/encrypted/i.test(key.message)) return { kind: 'locked', text, publicKey };
  return { kind: 'unusable', why: `is of an unknown kind (${key.message})`, publicKey };
}

/** The key, or null when the passphrase is wrong. Blocks for 300-440 ms with OpenSSH's bcrypt. */
export async function unlockKey({ text }: LockedKey, passphrase: string): Promise<ParsedKey | null> {
  const key = parse(text, passphrase);
  return key instanceof Error ? null : key;
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  try {
    // ssh2 answers with a list for some formats, which its types do not say.
    const parsed: unknown = ssh2.utils.parseKey(text, passphrase);
    return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function publicFile(path: string): Promise<Buffer | null> {
  const key = await readFile(path, 'latin1').then(
    (found) => parse(found),
    (error: Error) => error,
  );
  return key instanceof Error ? null : key.getPublicSSH();
}

/** The public half stands in the clear before the encrypted part (OpenSSH's PROTOCOL.key). */
function publicHalf(text: string): Buffer | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  const magic = 'openssh-key-v1\0';
  const data = Buffer.from(body ?? '', 'base64');
  if (data.toString('latin1', 0, magic.length) !== magic) return null;
  try {
    let at = magic.length;
    const next = (): Buffer => {
      const length = data.readUInt32BE(at);
      at += 4 + length;
      return data.subarray(at - length, at);
    };
    for (const _skipped of ['cipher', 'kdf', 'kdf options']) next();
    at += 4;
    const key = next();
    return key.length > 0 ? key : null;
  } catch {
    // RangeError: the file is cut short.
    return null;
  }
}
