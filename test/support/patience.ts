/**
 * Set up before every test file: what is waited for has twenty seconds, since a busy computer brings late what comes at
 * all. A test that names a limit of its own keeps it.
 */

import { vi } from 'vitest';

/** How long a test waits for a state, in milliseconds, where it names no limit of its own. */
export const patienceMs = 20_000;

type Options = Parameters<typeof vi.waitFor>[1];

/** The options of a wait, with the patience of the suite where they name no limit. */
export const patient = (options?: Options) =>
  typeof options === 'number' ? options : { timeout: patienceMs, ...options };

const { waitFor, waitUntil } = vi;
vi.waitFor = (callback, options) => waitFor(callback, patient(options));
vi.waitUntil = (callback, options) => waitUntil(callback, patient(options));
