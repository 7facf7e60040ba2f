/** The next step that a failure leaves to a person: one and the same in tray, window and terminal. */

import { type ErrorCode, errors, type Failure } from '../failure.ts';
import type { Host } from '../hosts.ts';
import type { HostId } from '../ids.ts';
import type { Place } from '../place.ts';
import { failureOf } from './failures.ts';

export type Remedy =
  | { readonly kind: 'log-in'; readonly hostId: HostId }
  | { readonly kind: 'accept-key'; readonly keyId: string }
  | { readonly kind: 'open-settings'; readonly place: Place }
  | { readonly kind: 'copy-command'; readonly command: string };

/** The section of the settings where it can be changed; the first one for every other code. */
const sections: Readonly<Partial<Record<ErrorCode, string>>> = {
  'ports-exhausted': 'forwards',
  'autostart-failed': 'desktop',
  'no-tray': 'desktop',
  'source-unreachable': 'sources',
  'source-refused': 'sources',
  'source-login': 'sources',
  'source-not-prometheus': 'sources',
  'source-query': 'sources',
  'source-empty': 'sources',
  'source-too-many': 'sources',
};

/**
 * What the person can do about a failure of this host (null: of none); null where there is nothing, or where the failure lacks
 * what the step needs: a key that cannot be accepted leaves the command that shows it.
 */
export function remedyOf(
  failure: Pick<Failure, 'code' | 'hostKeyId'> & Partial<Pick<Failure, 'command'>>,
  hostId: HostId | null,
): Remedy | null {
  const { code, hostKeyId } = failure;
  const command = failure.command ?? null;
  const copy: Remedy | null = command === null ? null : { kind: 'copy-command', command };
  switch (errors[code].action) {
    case 'log-in':
      return hostId === null ? null : { kind: 'log-in', hostId };
    case 'accept-key':
      return hostKeyId === undefined ? copy : { kind: 'accept-key', keyId: hostKeyId };
    case 'open-settings': {
      const id = sections[code];
      return { kind: 'open-settings', place: { view: 'settings', ...(id !== undefined && { id }) } };
    }
    case 'copy-command':
      return copy;
    case null:
      return null;
  }
}

/** The step that this host waits for; null where it waits for none. */
export function hostRemedy({ id, state }: Host): Remedy | null {
  const failure = failureOf(state);
  return failure === null ? null : remedyOf(failure, id);
}

/** Whether logging in with a person at hand (`host.login`) may get further than the latest attempt did. */
export function canLogIn(host: Host): boolean {
  return hostRemedy(host)?.kind === 'log-in';
}

/** Whether scanning the host again can help before that step is done: an unknown key stays unknown. */
export function canTryAgain(host: Host): boolean {
  return hostRemedy(host)?.kind !== 'accept-key';
}
