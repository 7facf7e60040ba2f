import { connectionKey, type ResolvedHost } from '../config/resolved.ts';

/**
 * Which of the connections to one target: the first; a second one that large transfers on the first do not delay; and
 * further ones to a jump host that has many targets behind it.
 */
export type Lane = 'main' | 'second' | `jump ${number}`;

/** Where one connection of the pool stands. */
export interface Place {
  /** Equal for all aliases with the same target, see {@link connectionKey}. */
  readonly target: string;
  readonly lane: Lane;
}

export function placeOf(host: ResolvedHost, lane: Lane): Place {
  return { target: connectionKey(host), lane };
}

/** Values by place. */
export interface PlaceMap<T> {
  get(place: Place): T | undefined;
  set(place: Place, value: T): void;
  delete(place: Place): void;
  /** The values at all targets, or at those that the function picks. */
  values(picks?: (target: string) => boolean): readonly T[];
}

export function createPlaceMap<T>(): PlaceMap<T> {
  const targets = new Map<string, Map<Lane, T>>();
  return {
    get: ({ target, lane }) => targets.get(target)?.get(lane),
    set({ target, lane }, value) {
      const lanes = targets.get(target) ?? new Map<Lane, T>();
      targets.set(target, lanes.set(lane, value));
    },
    delete({ target, lane }) {
      const lanes = targets.get(target);
      lanes?.delete(lane);
      if (lanes?.size === 0) targets.delete(target);
    },
    values: (picks = () => true) =>
      [...targets].flatMap(([target, lanes]) => (picks(target) ? [...lanes.values()] : [])),
  };
}
