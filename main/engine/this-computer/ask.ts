import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError, messageOf } from '#common/failure.ts';
import type { ModelServer } from '#common/servers.ts';
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
      const failed = asAppError(error);
      if (failed.code === 'cancelled') throw failed;
      // The other address of a wildcard may be the one that is bound.
      if (failed.code !== 'target-refused')
        return {
          kind: 'no-models',
          error: failed,
          closed: failed.code === 'server-error' && !client.answered,
        };
    } finally {
      client.close();
    }
  }
  return { kind: 'refused' };
}

/** What one port does must not end the look at the others. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('server-error', { step: 'models', detail: plainText(messageOf(error)), cause: error });
}

/** What accepts may be slow to do so, which is no refusal. */
const acceptMs = 1000;

/** Whether nothing listens there, at none of its addresses. Never rejects. */
export async function refuses({ port, addresses }: Candidate, signal: AbortSignal): Promise<boolean> {
  for (const address of addresses) {
    const within = AbortSignal.any([signal, AbortSignal.timeout(acceptMs)]);
    try {
      const socket = await connectTo(address, port, within);
      socket.destroy();
      return false;
    } catch {
      if (within.aborted) return false;
    }
  }
  return true;
}

/** Errors: `target-refused` when nothing accepts there. */
export async function connectTo(
  address: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
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
