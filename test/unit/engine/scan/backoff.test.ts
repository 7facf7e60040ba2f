import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '#engine/scan/backoff.ts';

describe('the wait before the next attempt', () => {
  it('doubles up to five minutes, with full jitter', () => {
    const longest = [1, 2, 3, 7, 8, 100].map((failures) => retryDelayMs('connection-refused', failures, 1));
    expect(longest).toEqual([4000, 8000, 16_000, 256_000, 300_000, 300_000]);
    expect(retryDelayMs('connection-refused', 5, 0)).toBe(0);
    expect(retryDelayMs('connection-refused', 100, 1, 15_000)).toBe(15_000);
    // Where a wait is prescribed it is not for others to shorten.
    expect(retryDelayMs('throttled', 100, 1, 15_000)).toBe(300_000);
  });

  it('is endless for authentication and host keys, which would lock the user out', () => {
    const codes = [
      'auth-failed',
      'auth-too-many',
      'auth-no-key',
      'hostkey-unknown',
      'hostkey-changed',
    ] as const;
    expect(codes.map((code) => retryDelayMs(code, 1, 0.5))).toEqual(codes.map(() => null));
  });

  it('is at least a minute when the server throttles, five where a job is needed', () => {
    expect(retryDelayMs('throttled', 1, 0)).toBe(60_000);
    expect(retryDelayMs('needs-job', 1, 0)).toBe(300_000);
  });
});
