import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { plainText, shellWord } from '#common/text.ts';
import { type KeyFormat, keyFormat } from './key-format.ts';

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

/** Several times the largest key; ssh2 takes a time that grows with the square of some texts. */
const maxFileBytes = 65_536;
/** Each round blocks for about 15 ms, and OpenSSH makes 16 or 24 by default. */
const maxRounds = 200;

/** Reads a private or public key file without ever asking for a passphrase. Never rejects. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  let raw: string;
  try {
    raw = await readSmall(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === 'ENOENT') return { kind: 'missing' };
    const why = code === null ? 'is not a key file' : `cannot be read (${code})`;
    return { kind: 'unusable', why, publicKey: null };
  }
  const format = keyFormat(raw);
  const why = refusal(format, path);
  const publicKey = ('publicKey' in format ? format.publicKey : null) ?? (await publicFile(`${path}.pub`));
  if (why !== null) return { kind: 'unusable', why, publicKey };
  const text = format.kind === 'pem' ? format.text : raw;
  const key = parse(text);
  if (!(key instanceof Error)) {
    const own = key.getPublicSSH();
    return key.isPrivateKey() ? { kind: 'private', key, publicKey: own } : { kind: 'public', publicKey: own };
  }
  if (key.message.endsWith('no passphrase given')) return { kind: 'locked', text, publicKey };
  return { kind: 'unusable', why: `cannot be read here (${plainText(key.message)})`, publicKey };
}

/** Rejects with the error of the file system, and with one that has no code for what cannot be a key file. */
async function readSmall(path: string): Promise<string> {
  const info = await stat(path);
  // Reading a FIFO would wait for a writer for ever.
  if (!info.isFile() || info.size > maxFileBytes) throw new Error('not a file, or too large');
  return readFile(path, 'latin1');
}

/** Why ssh2 cannot use a key of this kind, and what to do; null where it can, or where only reading it tells. */
function refusal(format: KeyFormat, path: string): string | null {
  const file = shellWord(path);
  switch (format.kind) {
    case 'pkcs8': {
      const [what, since] = format.isEd25519
        ? ['an Ed25519 key in PKCS#8 format', ' (of OpenSSH 9.6 or newer)']
        : ['in PKCS#8 format', ''];
      return `is ${what}: convert it with ssh-keygen -p -f ${file}${since}, or use the system ssh`;
    }
    case 'putty': {
      if (format.version === '2' && format.type === 'ssh-rsa') return null;
      const shown = plainText(`version ${format.version}, ${format.type}`, 60);
      return `is a PuTTY key (${shown}): convert it with puttygen ${file} -O private-openssh -o NEW`;
    }
    case 'ssh-com':
      return `is in the format of ssh.com: convert it with ssh-keygen -i -f ${file} > NEW`;
    case 'pem':
      return format.label === 'DSA' ? dsa : null;
    case 'openssh':
      return refuseType(format.type) ?? refuseCipher(format, file);
    case 'public':
      return format.type.includes('-cert-v') ? 'is a certificate, not a key' : refuseType(format.type);
    case 'rfc4716':
      return null;
    case 'damaged':
      return 'is damaged or cut short';
    case 'other':
      return 'is not a key file';
  }
}

const dsa = 'is a DSA key, which servers no longer take: make a new one with ssh-keygen -t ed25519';

function refuseType(type: string): string | null {
  if (/^(?:ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521))$/.test(type)) return null;
  if (type === 'ssh-dss') return dsa;
  const shown = plainText(type, 60);
  if (type.startsWith('sk-')) return `is for a security key (${shown}): use the system ssh`;
  return `is of a type that cannot be used here (${shown}): use the system ssh`;
}

function refuseCipher({ cipher, rounds }: { cipher: string; rounds: number }, file: string): string | null {
  if (cipher.startsWith('chacha20'))
    return `is encrypted with ${plainText(cipher, 60)}: change that with ssh-keygen -p -Z aes256-ctr -f ${file}, or add it to the agent`;
  if (rounds <= maxRounds) return null;
  return `has a passphrase that takes long to check (${rounds} rounds); add it to the agent`;
}

/**
 * The key, or null when the passphrase is wrong. Rejects when it would not help to try another one: the file is damaged.
 * Blocks for 300-440 ms with OpenSSH's bcrypt.
 */
export async function unlockKey({ text }: LockedKey, passphrase: string): Promise<ParsedKey | null> {
  if (passphrase === '') return null;
  const key = parse(text, passphrase);
  if (!(key instanceof Error)) return canSign(key) ? key : null;
  // The last one is the authenticated cipher's word for it.
  if (/bad passphrase|wrong final block|bad decrypt|unable to authenticate/i.test(key.message)) return null;
  throw new Error(`the key file is damaged (${plainText(key.message)})`);
}

/** With a wrong passphrase the old format can give numbers that only look like a key. */
function canSign(key: ParsedKey): boolean {
  if (key.type === 'ssh-ed25519') return true;
  const signed = Buffer.from('any');
  const signature = key.sign(signed, 'sha256');
  return !(signature instanceof Error) && key.verify(signed, signature, 'sha256') === true;
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  try {
    // ssh2 answers with a list for some formats, and with nothing for one without a key, which its types do not say.
    const parsed: unknown = ssh2.utils.parseKey(text, passphrase);
    const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    return (key ?? new Error('it holds no key')) as ParsedKey | Error;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function publicFile(path: string): Promise<Buffer | null> {
  const format = await readSmall(path).then(keyFormat, () => null);
  return format?.kind === 'public' && !format.type.includes('-cert-v') ? format.publicKey : null;
}
