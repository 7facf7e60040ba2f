import { browserSocket } from '#common/browser-socket.ts';

/** What answers at the page's own address: the app whose key the page has, anything else, or nothing. */
export type Answerer = 'same' | 'other' | 'away';

/**
 * Asks for a proof that the key is known there, before it is sent: after the app has ended its port is free, and another program
 * or another user may have it. Never rejects.
 */
export async function whoAnswers(key: string, page: Window): Promise<Answerer> {
  const challenge = text(page.crypto.getRandomValues(new Uint8Array(24)));
  try {
    const address = `${browserSocket.proofPath}?challenge=${challenge}`;
    const response = await page.fetch(address, { cache: 'no-store' });
    const given = response.ok ? await response.text() : '';
    return given === (await proofOf(key, browserSocket.proofText(page.location.host, challenge), page))
      ? 'same'
      : 'other';
  } catch {
    // Refused, or cut off: nothing is there.
    return 'away';
  }
}

async function proofOf(key: string, what: string, page: Window): Promise<string> {
  const { subtle } = page.crypto;
  const bytes = (one: string) => new TextEncoder().encode(one);
  const secret = await subtle.importKey('raw', bytes(key), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return text(new Uint8Array(await subtle.sign('HMAC', secret, bytes(what))));
}

/** As base64url. */
function text(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
