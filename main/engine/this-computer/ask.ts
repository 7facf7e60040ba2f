import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError, messageOf } from '#common/errors.ts';
import type { ModelServer } from '#common/model.ts';
import { authorityOf, plainText } from '#common/text.ts';
import type { Candidate } from '../models/candidates.ts';
import { toServer } from '../models/found.ts';
import { createHttpClient } from '../models/http.ts';
import { describeServer } from '../models/identify.ts';

/** What a port of this computer has answered. */
export type PortAnswer =
  /** A model server; its `hostId` is empty: it is on no host of the configuration. */
  | { readonly kind: 'server'; readonly server: ModelServer }
  /** Nothing listens there. */
  | { readonly kind: 'refused' }
  /** Something listens and gives no models; `closed`: it hung up without a word, as ssh does where its far end refuses. */
  | { readonly kind: 'no-models'; readonly error: AppError; readonly closed: boolean };

export interface AskOptions {
  /** What it was before. */
  readonly known: ModelServer | null;
  /** For each request. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks a port of this computer for its models, over connections of its own. Errors: `cancelled`. */
export async function askLocalPort(candidate: Candidate, options: AskOptions): Promise<PortAnswer> {
  const { known, timeoutMs, signal } = options;
  const { port, addresses } = candidate;
  for (const address of addresses) {
    const client = createHttpClient({
      open: (opening) => connectTo(address, port, opening),
      authority: authorityOf(address, port),
      timeoutMs,
    });
    const before = known?.address === address ? known : null;
    try {
      const described = await describeServer({ client, candidate, known: before, signal });
      const found = { candidate, address, described, silent: false };
      return { kind: 'server', server: toServer(found, '', Date.now()) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
      // The other address of a wildcard may be the one that is bound.
      if (error.code !== 'target-refused')
        return { kind: 'no-models', error, closed: error.code === 'server-error' && !client.answered };
    } finally {
      client.close();
    }
  }
  return { kind: 'refused' };
}

/** Errors: `target-refused` when nothing accepts there. */
async function connectTo(address: string, port: number, signal: AbortSignal | undefined): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true });
  try {
    await once(socket, 'connect', signal === undefined ? {} : { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    const detail = plainText(messageOf(error));
    throw new AppError('target-refused', { step: 'models', detail, cause: error });
  }
}
