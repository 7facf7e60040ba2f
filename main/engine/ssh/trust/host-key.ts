import type { ServerHostKeyAlgorithm } from 'ssh2';
import { AppError, messageOf } from '#common/failure.ts';
import { shellWord } from '#common/text.ts';
import type { Log } from '../../diagnostics/log.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import { fingerprint, judgeHostKey, keyType, knownKeyTypes, lookupName } from './known-hosts.ts';
import { appendKnownHost, readKnownHosts } from './known-hosts-file.ts';
import type { Trust } from './trust.ts';

/** The check of one connection's host key; a rekey asks it again. */
export interface HostKeyCheck {
  /** Algorithms to offer before all others, so that the host shows a key that is known if it has one. */
  readonly preferred: readonly ServerHostKeyAlgorithm[];
  /** Null accepts. Errors: `hostkey-unknown`, `hostkey-changed`, `hostkey-revoked`. */
  verify(key: Buffer): AppError | null;
  /** The key that was accepted; null before that. */
  accepted(): Buffer | null;
  /**
   * Writes a key that was accepted without being known. To be called after the handshake, in which the host has proved
   * that the key is its own. Never rejects: as for ssh, a file that cannot be written stops no connection.
   */
  record(): Promise<void>;
}

/** Signature algorithms per type of key in known_hosts; others are not spoken by ssh2. */
const algorithms: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Reads the known_hosts files of the host. Errors: `known-hosts-unreadable`. */
export async function prepareHostKeyCheck(host: ResolvedHost, trust: Trust, log: Log): Promise<HostKeyCheck> {
  const { strict, alias, userFiles, globalFiles, hashNames } = host.hostKeys;
  const lookup = lookupName(host.hostname, host.port, alias);
  const entries = await readKnownHosts([...userFiles, ...globalFiles], lookup);
  let accepted: Buffer | null = null;
  let toRecord: Buffer | null = null;

  const refuse = (
    code: 'hostkey-unknown' | 'hostkey-changed' | 'hostkey-revoked',
    detail: string,
    command: string,
    hostKeyId?: string,
  ) => new AppError(code, { step: 'handshake', detail, command, hostKeyId });

  /** Under `ask` a person may accept the key; `yes` is the user's word that no one may. */
  const refuseUnknown = (key: Buffer, detail: string): AppError => {
    const [file] = userFiles;
    const type = keyType(key);
    const id =
      strict === 'ask' && file !== undefined
        ? trust.meet({ name: lookup.name, type, fingerprint: fingerprint(key), file, key: Buffer.from(key) })
        : undefined;
    return refuse('hostkey-unknown', detail, host.command, id);
  };

  const verify = (key: Buffer): AppError | null => {
    if (accepted?.equals(key)) return null;
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    if (accepted !== null)
      return refuse('hostkey-changed', `${shown} at a rekey, ${fingerprint(accepted)} before`, host.command);
    const verdict = judgeHostKey(entries, lookup, key);
    switch (verdict.kind) {
      case 'known':
        break;
      case 'revoked':
        return refuse('hostkey-revoked', `${shown}, ${verdict.file}:${verdict.line}`, host.command);
      case 'changed': {
        const { file, line, knownFingerprints } = verdict;
        const detail = `${shown} instead of ${knownFingerprints.slice(0, 4).join(', ')} (${file}:${line})`;
        const remedy = `ssh-keygen -R ${shellWord(lookup.name)} -f ${shellWord(file)}`;
        return refuse('hostkey-changed', detail, remedy);
      }
      case 'unknown': {
        const signed = verdict.certAuthority
          ? '; only an authority is known for it, and certificates are not checked'
          : '';
        const accepts = strict === 'accept-new' || strict === 'no' || trust.accepts(lookup.name, key);
        if (!accepts) return refuseUnknown(key, `${shown}${signed}`);
        toRecord = key;
      }
    }
    accepted = Buffer.from(key);
    return null;
  };

  const record = async (): Promise<void> => {
    const [file] = userFiles;
    if (toRecord === null || file === undefined) return;
    const key = toRecord;
    toRecord = null;
    try {
      await appendKnownHost(file, { name: lookup.name, key, hash: hashNames });
      log('info', `${host.alias}: added ${keyType(key)} ${fingerprint(key)} to ${file}`);
    } catch (error) {
      log('warn', `${host.alias}: ${file} could not be written: ${messageOf(error)}`);
      trust.notWritten(file, messageOf(error));
    }
  };

  return {
    preferred: knownKeyTypes(entries, lookup).flatMap((type) => algorithms[type] ?? []),
    verify,
    accepted: () => accepted,
    record,
  };
}
