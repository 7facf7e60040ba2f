import ssh2, {
  type BaseAgent,
  type GetStreamCallback,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

/** An agent that answers at all answers at once; one that never does must not hold up the key files. */
const listTimeoutMs = 3000;

/** ssh2's agent, whose connections end by the signal at the latest. */
class PatientAgent extends ssh2.OpenSSHAgent {
  readonly #signal: AbortSignal;

  constructor(socketPath: string, signal: AbortSignal) {
    super(socketPath);
    this.#signal = signal;
  }

  override getStream(callback: GetStreamCallback): void {
    const signal = this.#signal;
    super.getStream((error, stream) => {
      const end = (): void => void stream?.destroy();
      signal.addEventListener('abort', end, { once: true });
      stream?.once('close', () => signal.removeEventListener('abort', end));
      if (signal.aborted) end();
      callback(error, stream);
    });
  }
}

/** The keys an agent holds that ssh2 can use. Rejects when nothing answers at the socket, after 3 s at the latest. */
export function listAgentKeys(socketPath: string): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    new PatientAgent(socketPath, AbortSignal.timeout(listTimeoutMs)).getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []) as ParsedKey[]);
    });
  });
}

/** Signs with a private key, by the hash that its type and the server want; null when the key cannot be had. */
export type Signer = (data: Buffer, hash: SigningRequestOptions['hash']) => Promise<Buffer | Error | null>;

/** What an agent's sign reports when no passphrase was given: no fault of an agent. */
export class KeyNotUnlocked extends Error {}

/** An agent with one key, which ssh2 asks to sign only when the server takes that key. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #sign: Signer;

  constructor(key: ParsedKey, sign: Signer) {
    super();
    this.#key = key;
    this.#sign = sign;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.#key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options.hash;
    this.#sign(data, hash).then(
      (signature) => {
        if (signature === null) done?.(new KeyNotUnlocked());
        else if (signature instanceof Error) done?.(signature);
        else done?.(null, signature);
      },
      (error: Error) => done?.(error),
    );
  }
}

export interface Signing {
  /** The server took the key, and the agent is to sign: it may ask its user first. */
  readonly onAsked: () => void;
  readonly onAnswered: (signed: boolean) => void;
  /** Ends the wait for the agent. */
  readonly signal: AbortSignal;
}

/** One key of the agent at the socket. */
export function offeringAgent(
  socketPath: string,
  key: ParsedKey,
  { onAsked, onAnswered, signal }: Signing,
): BaseAgent {
  return new OneKeyAgent(
    key,
    (data, hash) =>
      new Promise((resolve, reject) => {
        const options = hash === undefined ? {} : { hash };
        onAsked();
        new PatientAgent(socketPath, signal).sign(key, data, options, (error, signature) => {
          onAnswered(signature !== undefined);
          if (error || signature === undefined) return reject(error ?? new Error('no signature'));
          resolve(signature);
        });
      }),
  );
}

/** A key of which only the public half, in SSH wire format, is at hand until the server takes it. Throws for an unreadable one. */
export function signingAgent(publicKey: Buffer, sign: Signer): BaseAgent {
  const typeLength = publicKey.readUInt32BE(0);
  const type = publicKey.toString('latin1', 4, 4 + typeLength);
  const parsed: unknown = ssh2.utils.parseKey(`${type} ${publicKey.toString('base64')}`);
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error;
  if (key instanceof Error) throw key;
  return new OneKeyAgent(key, sign);
}
