/**
 * Who may talk to the browser face. Loopback is open to every page in the browser and every user of this computer, so a
 * request must name a loopback host (a page that rebinds its own DNS name to 127.0.0.1 cannot), come from this very
 * origin where it says one, and carry the cookie that only the printed address hands out.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: 401 | 403;
  /** One sentence for the person who sees it. */
  readonly why: string;
}

export interface Guard {
  /** What the Host and Origin headers say against a request; a WebSocket must name its origin, a page load need not. */
  refuseAddress(headers: IncomingHttpHeaders, from: 'page' | 'socket'): Refusal | null;
  refuseCookie(headers: IncomingHttpHeaders): Refusal | null;
  /** The Set-Cookie line for a request whose address carries the token or an unused ticket, or why there is none. */
  admit(headers: IncomingHttpHeaders, token: string): { readonly cookie: string } | Refusal;
  /** A token that admits once: command lines, such as that of the browser it is handed to, are seen by other users. */
  issueTicket(): string;
}

// The port is left open: through `ssh -L` it is another one than the server's own. The names are the protection.
const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/;

const notLoopback =
  'vllm-tray answers only under a loopback name, such as the http://127.0.0.1 address that it printed.';
const foreignOrigin = 'vllm-tray does not answer to the pages of another site.';
const noCookie = 'Open the whole address that vllm-tray printed when it started: it ends in ?token=...';
const wrongToken =
  'This address is not valid, or not any more: open the one that the running vllm-tray printed.';

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function createGuard(token: string): Guard {
  // The cookie is a secret of its own, so that the token is never stored in a browser.
  const session = newToken();
  const tickets = new Set<string>();
  const spend = (given: string): boolean => {
    const ticket = [...tickets].find((candidate) => sameSecret(candidate, given));
    return ticket !== undefined && tickets.delete(ticket);
  };
  return {
    refuseAddress(headers, from) {
      if (!loopbackHost.test(headers.host ?? '')) return { status: 403, why: notLoopback };
      const { origin } = headers;
      if (origin === undefined && from === 'page') return null;
      return origin === `http://${headers.host}` ? null : { status: 403, why: foreignOrigin };
    },
    refuseCookie(headers) {
      const given = readCookie(headers.cookie ?? '', cookieName(headers));
      return given !== null && sameSecret(session, given) ? null : { status: 401, why: noCookie };
    },
    admit(headers, given) {
      if (!sameSecret(token, given) && !spend(given)) return { status: 403, why: wrongToken };
      return { cookie: `${cookieName(headers)}=${session}; HttpOnly; SameSite=Strict; Path=/` };
    },
    issueTicket() {
      const ticket = newToken();
      tickets.add(ticket);
      return ticket;
    },
  };
}

/** Cookies do not tell ports apart: the name does, by the port that the browser sees, so that two of these do not clash. */
function cookieName(headers: IncomingHttpHeaders): string {
  return `vllm-tray-${loopbackHost.exec(headers.host ?? '')?.[1] ?? '80'}`;
}

function readCookie(header: string, name: string): string | null {
  const prefix = `${name}=`;
  const pair = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  return pair === undefined ? null : pair.slice(prefix.length);
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function sameSecret(secret: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(given));
}
