import { AppError } from '#common/failure.ts';
import type { ForwardId } from '#common/ids.ts';
import type { Settings } from '#common/settings.ts';
import { closeListener, type LocalListener, listenOn, listenOnFirst } from './local-port.ts';
import { type ForwardMemory, idOf } from './memory.ts';
import { portHolder } from './port-holder.ts';

export interface PortsDeps {
  readonly memory: Pick<ForwardMemory, 'targets' | 'find'>;
  /** Read with every choice: it is a setting. */
  readonly range: () => Settings['localPorts'];
  /** No port outside the range is taken, also where the target had one before; kept ports stay. */
  readonly strictRange?: boolean | undefined;
}

/** Which local port a target gets: the same one each time, so that what uses it need not change. */
export interface Ports {
  /**
   * Listens on the port that the target had before, kept or free; else on the next free one, first on those that no other
   * target had. Errors: `port-in-use` (a kept port alone is not replaced by another), `ports-exhausted`.
   */
  take(id: ForwardId): Promise<LocalListener>;
  /** Listens on this port and no other. Errors: `port-in-use` with who has it and which one is free, `port-forbidden`. */
  takeExactly(port: number, id: ForwardId): Promise<LocalListener>;
}

export function createPorts({ memory, range, strictRange = false }: PortsDeps): Ports {
  /**
   * The port that the target had before, then the range: ports that others had come last, those used longest ago before.
   * What is kept for others is left out.
   */
  const candidates = (id: ForwardId): readonly number[] => {
    const { from, to } = range();
    const targets = memory.targets();
    const own = targets.find((target) => idOf(target) === id)?.localPort;
    const others = targets.filter((target) => idOf(target) !== id);
    const usedAt = new Map(others.map((target) => [target.localPort, target.usedAt]));
    const kept = new Set(others.filter(({ pinned }) => pinned).map(({ localPort }) => localPort));
    const inRange = Array.from({ length: to - from + 1 }, (_, index) => from + index).sort(
      (a, b) => (usedAt.get(a) ?? 0) - (usedAt.get(b) ?? 0) || a - b,
    );
    const isWanted = own !== undefined && (!strictRange || inRange.includes(own));
    return [...(isWanted ? [own] : []), ...inRange].filter((port) => !kept.has(port));
  };

  /** The sentence with which a port is refused: who has it, and which one to take instead. */
  const taken = async (port: number, id: ForwardId, by: string): Promise<AppError> => {
    const free = await listenOnFirst(candidates(id));
    if (free !== null) await closeListener(free);
    return portTaken({ port, by, free: free?.port ?? null, range: range() });
  };

  const takeExactly = async (port: number, id: ForwardId): Promise<LocalListener> => {
    const keeper = memory
      .targets()
      .find((target) => target.pinned && target.localPort === port && idOf(target) !== id);
    if (keeper !== undefined) throw await taken(port, id, `kept for ${idOf(keeper)}`);
    try {
      return await listenOn(port);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'port-in-use') throw error;
      throw await taken(port, id, await heldBy(port));
    }
  };

  return {
    takeExactly,
    async take(id) {
      const before = memory.find(id);
      if (before?.pinned) return takeExactly(before.localPort, id);
      const listener = await listenOnFirst(candidates(id));
      if (listener !== null) return listener;
      const { from, to } = range();
      throw new AppError('ports-exhausted', { step: 'forward', detail: `${from}-${to}` });
    },
  };
}

/** The refusal of a port: who has it, and which one is free instead; null: none of the range is. */
export function portTaken(taken: {
  readonly port: number;
  /** `held by python3 (pid 42)`. */
  readonly by: string;
  readonly free: number | null;
  readonly range: Settings['localPorts'];
}): AppError {
  const { port, by, free, range } = taken;
  const instead = free === null ? `no port of ${range.from}-${range.to} is free` : `${free} is free`;
  return new AppError('port-in-use', { step: 'forward', detail: `${port} is ${by}; ${instead}` });
}

/** Who has a port at which nothing can listen: words that follow `the port is`. */
export async function heldBy(port: number): Promise<string> {
  const holder = await portHolder(port);
  if (holder === null) return 'taken';
  if (holder.pid === process.pid) return 'taken by another forward';
  return `held by ${holder.name ?? 'a process'} (pid ${holder.pid})`;
}
