/** Secrets that a program on this computer shows to the app: how they are made, and compared. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A random token of 256 bits; in an address it needs no escapes. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether the given text is the secret. It takes the same time wherever the two differ, and whatever their lengths. */
export function sameSecret(secret: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(given));
}
