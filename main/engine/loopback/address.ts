/**
 * What the Host and Origin headers say against a request. Loopback is open to every page in the browser: a request must name a
 * loopback host (a page that rebinds its own DNS name to 127.0.0.1 cannot), and come from this very origin where it says one.
 */

import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: 401 | 403;
  /** One sentence for the person who sees it. */
  readonly why: string;
}

// The port is left open: through `ssh -L` it is another one than the server's own. The names are the protection.
const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
// They are this computer for every resolver (RFC 6761, 6.3), and no page of the internet has one.
const localName = /^[a-z\d-]{1,63}\.localhost(?::\d{1,5})?$/i;

const notLoopback =
  'vllm-tray answers only under a loopback name, such as the http://127.0.0.1 address that it printed.';
const foreignOrigin = 'vllm-tray does not answer to the pages of another site.';

/**
 * Why a request under that Host and from that Origin is refused; null where it is not. With `mustName` it must say its origin; with
 * `names` the host may be a `NAME.localhost`.
 */
export function refuseAddress(
  headers: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  { mustName = false, names = false }: { readonly mustName?: boolean; readonly names?: boolean } = {},
): Refusal | null {
  const { host = '', origin } = headers;
  if (!loopbackHost.test(host) && !(names && localName.test(host))) return { status: 403, why: notLoopback };
  if (origin === undefined && !mustName) return null;
  return origin === `http://${host}` ? null : { status: 403, why: foreignOrigin };
}
