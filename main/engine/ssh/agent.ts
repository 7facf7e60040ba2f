import ssh2, { type GetStreamCallback, type IdentityCallback, type OpenSSHAgent, type ParsedKey } from 'ssh2';

/** An agent that answers at all answers at once; one that never does must not hold up the key files. */
const listTimeoutMs = 3000;
/** To sign, an agent may first ask its user. */
const signTimeoutMs = 60_000;

/** ssh2's agent, which ends a connection that stays silent, and offers a choice of the agent's keys if given one. */
class LoginAgent extends ssh2.OpenSSHAgent {
  readonly #offered: ParsedKey[] | null;

  constructor(socketPath: string, offered: ParsedKey[] | null) {
    super(socketPath);
    this.#offered = offered;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    if (this.#offered === null) super.getIdentities(callback);
    else callback(null, this.#offered);
  }

  override getStream(callback: GetStreamCallback): void {
    const timeoutMs = this.#offered === null ? listTimeoutMs : signTimeoutMs;
    super.getStream((error, stream) => {
      const timer = setTimeout(() => stream?.destroy(), timeoutMs);
      stream?.once('close', () => clearTimeout(timer));
      if (stream === undefined) clearTimeout(timer);
      callback(error, stream);
    });
  }
}

/** The keys an agent holds that ssh2 can use. Rejects when nothing answers at the socket, after 3 s at the latest. */
export function listAgentKeys(socketPath: string): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    new LoginAgent(socketPath, null).getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []) as ParsedKey[]);
    });
  });
}

/** The agent at the socket, offering these of its keys in this order. */
export function offeringAgent(socketPath: string, keys: ParsedKey[]): OpenSSHAgent {
  return new LoginAgent(socketPath, keys);
}
