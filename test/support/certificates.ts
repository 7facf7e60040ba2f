/** An authority with a server's and a client's certificate, made by openssl in a folder. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Pair {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that has signed the others. */
  readonly authority: string;
  /** For 127.0.0.1. */
  readonly server: Pair;
  readonly client: Pair;
  /** The client's with its key under the passphrase `sesame`. */
  readonly locked: Pair;
  /** A client's that no authority has signed. */
  readonly stranger: Pair;
}

export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string): Pair => ({
    certificate: join(folder, `${name}.pem`),
    key: join(folder, `${name}.key`),
  });
  const selfSigned = async (name: string): Promise<Pair> => {
    const pair = at(name);
    await openssl('req', '-x509', ...subject(name), ...newKey(pair), '-days', '2', '-out', pair.certificate);
    return pair;
  };
  const authority = await selfSigned('authority');
  const signed = async (name: string): Promise<Pair> => {
    const pair = at(name);
    const request = join(folder, `${name}.csr`);
    const extensions = join(folder, `${name}.ext`);
    await writeFile(extensions, 'subjectAltName = IP:127.0.0.1\n');
    await openssl('req', ...subject(name), ...newKey(pair), '-out', request);
    await openssl(
      ...['x509', '-req', '-in', request, '-days', '2', '-extfile', extensions, '-out', pair.certificate],
      ...['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial'],
    );
    return pair;
  };
  const server = await signed('server');
  const client = await signed('client');
  const locked = { ...client, key: join(folder, 'locked.key') };
  await openssl('pkey', '-in', client.key, '-aes256', '-passout', 'pass:sesame', '-out', locked.key);
  return { authority: authority.certificate, server, client, locked, stranger: await selfSigned('stranger') };
}

const openssl = (...args: readonly string[]) => run('openssl', [...args]);
const subject = (name: string): readonly string[] => ['-subj', `/CN=${name}`];
const newKey = ({ key }: Pair): readonly string[] => ['-newkey', 'rsa:2048', '-nodes', '-keyout', key];
