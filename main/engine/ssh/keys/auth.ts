import { basename, join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import type { ResolvedHost } from '../config/resolved.ts';
import { listAgentKeys } from './agent.ts';
import { type KeyFile, type LockedKey, readKeyFile } from './key-file.ts';
import type { Keyring } from './keyring.ts';

/** What there is to log in with, gathered before the connection so that no handshake waits for it. */
export interface LoginKeys {
  readonly agentSocket: string | null;
  /** Keys of the agent in the order to offer them. */
  readonly agentKeys: readonly ParsedKey[];
  /** Key files that can be used as they are and are not in the agent. */
  readonly files: readonly { readonly path: string; readonly key: ParsedKey }[];
  /** Key files that need their passphrase first. */
  readonly locked: readonly { readonly path: string; readonly file: LockedKey }[];
  /** What cannot be used and why, for the person who wonders. */
  readonly notes: readonly string[];
}

/** The files that ssh tries by default: one that is missing is no problem. */
const standardNames = /^id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

/**
 * Gathers agent keys and key files. As in OpenSSH, keys of the agent that an IdentityFile names come first, the agent's
 * others next (not with IdentitiesOnly), files last. A missing or dead agent is a note. Never rejects, never prompts.
 */
export async function gatherLoginKeys(
  host: ResolvedHost,
  home: string,
  keyring: Keyring,
): Promise<LoginKeys> {
  const { identity } = host;
  const files = await Promise.all(
    identity.files.map(async (path) => ({ path, content: await readKeyFile(path) })),
  );
  const agent = await askAgent(identity.agentSocket);
  const named = files.map(({ content }) => publicKeyOf(content));
  const rank = (key: ParsedKey): number => {
    const index = named.findIndex((publicKey) => publicKey?.equals(key.getPublicSSH()));
    return index === -1 ? named.length : index;
  };
  const agentKeys = agent.keys
    .filter((key) => !identity.identitiesOnly || rank(key) < named.length)
    .sort((a, b) => rank(a) - rank(b));
  const inAgent = (content: KeyFile): boolean => {
    const publicKey = publicKeyOf(content);
    return agentKeys.some((key) => publicKey?.equals(key.getPublicSSH()));
  };
  const usable: { path: string; key: ParsedKey }[] = [];
  const locked: { path: string; file: LockedKey }[] = [];
  const notes = [...agent.notes];
  for (const { path, content } of files) {
    if (inAgent(content)) continue;
    const shown = shortPath(path, home);
    if (content.kind === 'private') usable.push({ path: shown, key: content.key });
    else if (content.kind === 'locked') {
      const key = keyring.get(content);
      if (key !== null) usable.push({ path: shown, key });
      else locked.push({ path: shown, file: content });
    } else if (content.kind === 'unusable') notes.push(`${shown} ${content.why}`);
    else if (content.kind === 'public') notes.push(`${shown} is a public key and not in the agent`);
    else if (path !== join(home, '.ssh', basename(path)) || !standardNames.test(basename(path)))
      notes.push(`${shown} does not exist`);
  }
  if (identity.certificateFiles.length > 0) notes.push('certificates need the system ssh');
  return { agentSocket: identity.agentSocket, agentKeys, files: usable, locked, notes };
}

function publicKeyOf(content: KeyFile): Buffer | null {
  return content.kind === 'missing' ? null : content.publicKey;
}

async function askAgent(socket: string | null): Promise<{ keys: ParsedKey[]; notes: string[] }> {
  if (socket === null) return { keys: [], notes: ['no agent'] };
  try {
    const keys = await listAgentKeys(socket);
    return { keys, notes: keys.length === 0 ? ['the agent has no key'] : [] };
  } catch {
    // ssh2 only says "failed"; that and where is all there is to tell.
    return { keys: [], notes: [`the agent at ${socket} does not answer`] };
  }
}

function shortPath(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
