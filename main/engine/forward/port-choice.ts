import { AppError } from '#common/failure.ts';
import type { Settings } from '#common/settings.ts';
import { closeListener, listenOn } from './local-port.ts';

export interface ChosenPort {
  readonly port: number;
  /** To be called when its program listens, or never will: until then no one else gets the port. */
  release(): void;
}

/**
 * Chooses local ports for programs that will listen there themselves: the one that is wanted, or the first of a range, that
 * is allowed and free at this moment. Errors: `port-in-use`, `port-forbidden`, `ports-exhausted`, `open-files`.
 */
export type ChoosePort = (
  wanted: number | Settings['localPorts'],
  isAllowed: (port: number) => boolean,
) => Promise<ChosenPort>;

export function createPortChoice(): ChoosePort {
  const reserved = new Set<number>();

  const reserve = async (port: number, isAllowed: (port: number) => boolean): Promise<ChosenPort> => {
    if (reserved.has(port) || !isAllowed(port))
      throw new AppError('port-in-use', { step: 'forward', detail: `a session holds port ${port}` });
    reserved.add(port);
    try {
      await closeListener(await listenOn(port));
    } catch (error) {
      reserved.delete(port);
      throw error;
    }
    return { port, release: () => void reserved.delete(port) };
  };

  return async (wanted, isAllowed) => {
    if (typeof wanted === 'number') return await reserve(wanted, isAllowed);
    for (let port = wanted.from; port <= wanted.to; port += 1) {
      const chosen = await reserve(port, isAllowed).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'open-files') throw error;
        return null;
      });
      if (chosen !== null) return chosen;
    }
    throw new AppError('ports-exhausted', { step: 'forward', detail: `${wanted.from}-${wanted.to}` });
  };
}
