/**
 * Who may talk to the browser face. Loopback is open to every page in the browser and every user of this computer, so a
 * request must name a loopback host (a page that rebinds its own DNS name to 127.0.0.1 cannot), come from this very
 * origin where it says one, and a WebSocket must carry the key that only the page at the printed address holds. There is
 * no cookie: a browser sends one to every server of the same name, whatever its port, and so to every forward.
 */

import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { browserSocket } from '#common/browser-socket.ts';
import { after } from '#common/timer.ts';
import { type Refusal, refuseAddress } from '#engine/loopback/address.ts';
import { newToken, sameSecret } from '#engine/loopback/tokens.ts';

export interface Ticket {
  readonly token: string;
  /** Resolves when it is good for nothing any more: it was used, or its time is over. */
  readonly ended: Promise<void>;
}

export interface Guard {
  /** What the Host and Origin headers say against a request; a WebSocket must name its origin, a page load need not. */
  refuseAddress(headers: IncomingHttpHeaders, from: 'page' | 'socket'): Refusal | null;
  /** What the protocols that a WebSocket offers say against it: the key must be among them. */
  refuseKey(headers: IncomingHttpHeaders): Refusal | null;
  /** The key to the socket for a page whose address carries the token or an unused ticket, or why there is none. */
  admit(token: string): { readonly key: string } | Refusal;
  /** That the key is known here, for a page that asks before it sends it; null for what is no challenge. */
  prove(challenge: string, headers: IncomingHttpHeaders): string | null;
  /** A token that admits once and soon, for the browser that the app opens. */
  issueTicket(): Ticket;
}

export interface GuardOptions {
  readonly token: string;
  /** The token is one that is kept: pages that were open when the app ended find its next start again. Default: no. */
  readonly keepKey?: boolean | undefined;
  /** How long a ticket is good; default half a minute, in which a browser starts. */
  readonly ticketMs?: number | undefined;
  /** A ticket that was used came again: the page reloaded it, or another user has seen it. */
  readonly onTicketReused?: (() => void) | undefined;
}

const noKey = 'Open the whole address that vllm-tray printed when it started: it ends in ?token=...';
const wrongToken =
  'This address is not valid, or not any more: open the one that the running vllm-tray printed.';

export function createGuard(options: GuardOptions): Guard {
  const { token, keepKey = false, ticketMs = 30_000, onTicketReused = () => undefined } = options;
  // A secret of its own, so that the token is never stored in a browser.
  const key = keepKey ? hmac(token, 'key to the socket') : newToken();
  /** The unused ones, with what is done when one ends. */
  const tickets = new Map<string, () => void>();
  const spent = new Set<string>();
  const among = (candidates: Iterable<string>, given: string): string | undefined =>
    [...candidates].find((candidate) => sameSecret(candidate, given));

  const spend = (given: string): boolean => {
    const ticket = among(tickets.keys(), given);
    if (ticket !== undefined) {
      spent.add(ticket);
      tickets.get(ticket)?.();
    } else if (among(spent, given) !== undefined) onTicketReused();
    return ticket !== undefined;
  };

  return {
    refuseAddress: (headers, from) => refuseAddress(headers, { mustName: from === 'socket' }),
    refuseKey(headers) {
      const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      // Bounded: each one costs two digests.
      const isKnown = offered.length <= 4 && offered.some((given) => sameSecret(key, given));
      return isKnown ? null : { status: 401, why: noKey };
    },
    admit(given) {
      if (sameSecret(token, given) || spend(given)) return { key };
      return { status: 403, why: wrongToken };
    },
    prove(challenge, { host = '' }) {
      return /^[\w-]{16,64}$/.test(challenge) ? hmac(key, browserSocket.proofText(host, challenge)) : null;
    },
    issueTicket() {
      const ticket = newToken();
      const ended = new Promise<void>((resolve) => {
        const end = (): void => {
          timer.cancel();
          tickets.delete(ticket);
          resolve();
        };
        const timer = after(ticketMs, end, { background: true });
        tickets.set(ticket, end);
      });
      return { token: ticket, ended };
    },
  };
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
