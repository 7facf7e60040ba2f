import type { ResolvedHost } from '../config/resolved.ts';
import { createPlaceMap, type Lane, type Place, placeOf } from './places.ts';

/** The right of one target to reach its host through a connection to a jump host. */
export interface JumpSlot {
  /** Where that connection stands. */
  readonly place: Place;
  /** Gives the slot back, once. */
  end(): void;
}

export interface JumpSlots {
  /** A slot on the first connection to the jump host that has room. */
  reserve(hop: ResolvedHost): JumpSlot;
}

/** More targets than this behind one jump host share one TCP stream too closely. */
const maxTargets = 64;

/** Counts the targets that are reached, or are about to be, through each connection. `isRoomy`: one that takes any number. */
export function createJumpSlots(isRoomy: (place: Place) => boolean): JumpSlots {
  const counts = createPlaceMap<number>();
  const countAt = (place: Place): number => counts.get(place) ?? 0;
  return {
    reserve(hop) {
      let place = placeOf(hop, 'main');
      for (let number = 2; countAt(place) >= maxTargets && !isRoomy(place); number += 1) {
        const lane: Lane = `jump ${number}`;
        place = { ...place, lane };
      }
      counts.set(place, countAt(place) + 1);
      return {
        place,
        end() {
          const rest = countAt(place) - 1;
          if (rest > 0) counts.set(place, rest);
          else counts.delete(place);
        },
      };
    },
  };
}
