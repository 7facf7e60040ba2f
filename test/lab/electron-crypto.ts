/**
 * Takes from Node's crypto what Electron's does not have, which is built on BoringSSL, before ssh2 reads its lists. Ciphers: as
 * `crypto.getCiphers()` of an older Electron printed them (electron/electron#24024); groups: electron/electron#39603; curves and
 * hashes: those that BoringSSL is known to have, an approximation.
 */

import crypto from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const ciphers = new Set(
  [128, 192, 256]
    .flatMap((bits) => ['cbc', 'ctr', 'ecb', 'gcm', 'ofb', 'cfb'].map((mode) => `aes-${bits}-${mode}`))
    .filter((name) => name !== 'aes-192-cfb')
    .concat(['des-cbc', 'des-ecb', 'des-ede', 'des-ede-cbc', 'des-ede3-cbc', 'rc2-cbc', 'rc4']),
);
const hashes = new Set([
  'md4',
  'md5',
  'md5-sha1',
  'ripemd160',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha512-256',
]);
const curves = new Set(['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1']);
const missingGroups = new Set(['modp1', 'modp2']);

const { getCiphers, getHashes, getCurves } = crypto;
const hashOf = (name: string): string => name.replace(/^RSA-/, '').toLowerCase();

type Named = (name: string, ...rest: never[]) => unknown;

/** The function, which knows no other names any more. */
function limited<T>(create: T, knows: (name: string) => boolean): T {
  const all = create as Named;
  const some: Named = (name, ...rest) => {
    if (!knows(name)) throw new Error(`Unknown to Electron: ${name}`);
    return all(name, ...rest);
  };
  return some as T;
}

const hasCipher = (name: string): boolean => ciphers.has(name.toLowerCase());
const hasGroup = (name: string): boolean => !missingGroups.has(name);
Object.assign(crypto, {
  getCiphers: () => getCiphers().filter(hasCipher),
  getHashes: () => getHashes().filter((name) => hashes.has(hashOf(name))),
  getCurves: () => getCurves().filter((name) => curves.has(name)),
  createCipheriv: limited(crypto.createCipheriv, hasCipher),
  createDecipheriv: limited(crypto.createDecipheriv, hasCipher),
  createECDH: limited(crypto.createECDH, (name) => curves.has(name)),
  getDiffieHellman: limited(crypto.getDiffieHellman, hasGroup),
  createDiffieHellmanGroup: limited(crypto.createDiffieHellmanGroup, hasGroup),
});
syncBuiltinESMExports();

// Without it every test of the project would pass and say nothing.
const { DEFAULT_CIPHER } = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js');
if (DEFAULT_CIPHER.length === 0 || DEFAULT_CIPHER.includes('chacha20-poly1305@openssh.com'))
  throw new Error('ssh2 has read the lists of the whole crypto');
