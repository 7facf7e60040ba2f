/** What kind of key a file holds, judged from its outside: nothing is decrypted, and every look takes linear time. */

export type KeyFormat =
  /** OpenSSH's own (PROTOCOL.key); `rounds` of bcrypt are 0 where there is no passphrase. */
  | {
      readonly kind: 'openssh';
      readonly type: string;
      readonly cipher: string;
      readonly rounds: number;
      readonly publicKey: Buffer;
    }
  /** The older format of OpenSSH and OpenSSL (PKCS#1, SEC 1); `text` is that block alone. */
  | { readonly kind: 'pem'; readonly label: 'RSA' | 'EC' | 'DSA'; readonly text: string }
  | { readonly kind: 'pkcs8'; readonly isEd25519: boolean }
  | {
      readonly kind: 'putty';
      readonly version: string;
      readonly type: string;
      readonly publicKey: Buffer | null;
    }
  | { readonly kind: 'ssh-com' }
  /** One line as in authorized_keys: a public key or a certificate. */
  | { readonly kind: 'public'; readonly type: string; readonly publicKey: Buffer }
  | { readonly kind: 'rfc4716' }
  /** One of those, cut short. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'other' };

/** The format of a key file's text. */
export function keyFormat(raw: string): KeyFormat {
  const text = raw.trim();
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label === 'OPENSSH PRIVATE KEY') return openssh(block(text, label)) ?? { kind: 'damaged' };
  if (label === 'PRIVATE KEY' || label === 'ENCRYPTED PRIVATE KEY')
    return { kind: 'pkcs8', isEd25519: isEd25519(block(text, label)) };
  for (const type of ['RSA', 'EC', 'DSA'] as const) if (label?.startsWith(`${type} `)) return pem(text, type);
  if (text.startsWith('PuTTY-User-Key-File-')) return putty(text);
  if (text.startsWith('---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----')) return { kind: 'ssh-com' };
  if (text.startsWith('---- BEGIN SSH2 PUBLIC KEY ----')) return { kind: 'rfc4716' };
  return publicLine(text) ?? { kind: 'other' };
}

/** The lines between BEGIN and END; null without an END. */
function block(text: string, label: string): readonly string[] | null {
  const begin = `-----BEGIN ${label}-----`;
  const start = text.indexOf(begin);
  const end = text.indexOf(`-----END ${label}-----`, start);
  return start === -1 || end === -1
    ? null
    : text
        .slice(start + begin.length, end)
        .trim()
        .split(/\r?\n/);
}

/** The parameters that OpenSSL puts before an EC key are left out, as are headers that say nothing. */
function pem(text: string, label: 'RSA' | 'EC' | 'DSA'): KeyFormat {
  const lines = block(text, `${label} PRIVATE KEY`);
  if (lines === null) return { kind: 'damaged' };
  const headers = lines.filter((line) => /^(?:Proc-Type|DEK-Info): /.test(line)).slice(0, 2);
  const body = lines.filter((line) => /^[A-Za-z0-9+/=]+$/.test(line));
  const [begin, end] = [`-----BEGIN ${label} PRIVATE KEY-----`, `-----END ${label} PRIVATE KEY-----`];
  return { kind: 'pem', label, text: [begin, ...headers, '', ...body, end].join('\n') };
}

/** The object identifier 1.3.101.112 (RFC 8410) near the beginning; what is encrypted does not tell. */
function isEd25519(lines: readonly string[] | null): boolean {
  const head = Buffer.from(lines?.join('') ?? '', 'base64').subarray(0, 24);
  return head.includes(Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x70]));
}

const magic = Buffer.from('openssh-key-v1\0');

function openssh(lines: readonly string[] | null): KeyFormat | null {
  const data = Buffer.from(lines?.join('') ?? '', 'base64');
  if (!data.subarray(0, magic.length).equals(magic)) return null;
  try {
    const fields = data.subarray(magic.length);
    const [cipher, afterCipher] = readString(fields);
    const [kdf, afterKdf] = readString(afterCipher);
    const [options, afterOptions] = readString(afterKdf);
    const [publicKey] = readString(afterOptions.subarray(4));
    const rounds = kdf.toString('latin1') === 'bcrypt' ? readString(options)[1].readUInt32BE(0) : 0;
    const [type] = readString(publicKey);
    return {
      kind: 'openssh',
      type: type.toString('latin1'),
      cipher: cipher.toString('latin1'),
      rounds,
      publicKey,
    };
  } catch {
    // RangeError: the file is cut short.
    return null;
  }
}

/** A string of RFC 4251 and what follows it. Throws a RangeError where there is none. */
function readString(data: Buffer): readonly [Buffer, Buffer] {
  const end = 4 + data.readUInt32BE(0);
  if (end > data.length) throw new RangeError('cut short');
  return [data.subarray(4, end), data.subarray(end)];
}

function putty(text: string): KeyFormat {
  const lines = text.split(/\r?\n/);
  const [, version = '', type = ''] = /^PuTTY-User-Key-File-(\d+): (\S+)/.exec(lines[0] ?? '') ?? [];
  const at = lines.findIndex((line) => line.startsWith('Public-Lines: '));
  const count = Number(lines[at]?.slice('Public-Lines: '.length));
  const data = at === -1 ? '' : lines.slice(at + 1, at + 1 + count).join('');
  return { kind: 'putty', version, type, publicKey: data === '' ? null : Buffer.from(data, 'base64') };
}

function publicLine(text: string): KeyFormat | null {
  const [type = '', base64 = ''] = text.split(/[ \t]+/, 2);
  const publicKey = Buffer.from(base64.split(/\s/, 1)[0] ?? '', 'base64');
  try {
    const inside = readString(publicKey)[0].toString('latin1');
    return inside === type && type !== '' ? { kind: 'public', type, publicKey } : null;
  } catch {
    // RangeError: no key.
    return null;
  }
}
