/** Logins that a person asked for: in turn, each host once, and what is scanned after them. */

import { describe, expect, it, onTestFinished } from 'vitest';
import type { ErrorCode, Failure } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { createLogins } from '#engine/scan/logins.ts';
import type { TrackedHost } from '#engine/scan/tracked-host.ts';
import { createPrompts } from '#engine/secrets/prompts.ts';
import type { Asking } from '#engine/ssh/asking.ts';
import { createStore } from '#engine/store.ts';
import { aFailure } from '../../../support/samples.ts';
import { host, snapshot } from '../../../support/snapshot.ts';

const waiting = (alias: string, code: ErrorCode = 'auth-waiting', fields: Partial<Failure> = {}): Host =>
  host(alias, { state: { kind: 'auth-needed', failure: aFailure(code, fields) } });

/** Logins over these hosts; a login ends when the test says how: `end('a', true)`. */
function loginsOf(hosts: readonly Host[]) {
  const store = createStore(snapshot({ hosts }));
  const begun: string[] = [];
  const scans: (readonly string[])[] = [];
  const ends = new Map<string, (loggedIn: boolean) => void>();
  const signals = new Map<string, AbortSignal>();
  const tracked = (id: string) =>
    ({
      logIn(_asking: Asking, signal: AbortSignal) {
        begun.push(id);
        signals.set(id, signal);
        return new Promise<boolean>((resolve) => {
          ends.set(id, resolve);
          signal.addEventListener('abort', () => resolve(false));
        });
      },
    }) as unknown as TrackedHost;
  const logins = createLogins({
    store,
    prompts: createPrompts(store, null),
    tracked,
    scan: async (hostIds) => void scans.push(hostIds),
  });
  onTestFinished(async () => {
    await logins.dispose();
    store.dispose();
  });
  return {
    logins,
    store,
    begun,
    scans,
    signals,
    end: (id: string, loggedIn: boolean) => ends.get(id)?.(loggedIn),
  };
}

/** What is queued in promises has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('logins', () => {
  it('run one after the other, since a person cannot answer two hosts at once', async () => {
    const { logins, begun, end } = loginsOf([waiting('a'), waiting('b')]);
    const over = logins.start(['a', 'b']);
    await settled();
    expect(begun).toEqual(['a']);
    end('a', false);
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b', false);
    await over;
  });

  it('of a host that is asked for again while its login runs or waits are one', async () => {
    const { logins, begun, end } = loginsOf([waiting('a'), waiting('b')]);
    const both = [logins.start(['a', 'b', 'a']), logins.start(['b', 'a'])];
    await settled();
    end('a', false);
    await settled();
    end('b', false);
    await Promise.all(both);
    expect(begun).toEqual(['a', 'b']);
    const again = logins.start(['a']);
    await settled();
    expect(begun).toEqual(['a', 'b', 'a']);
    end('a', false);
    await again;
  });

  it('that succeed have scanned what the same key or jump host held up, and nothing else', async () => {
    const { logins, scans, end } = loginsOf([
      waiting('a'),
      waiting('same-key'),
      waiting('locked', 'auth-locked'),
      waiting('behind', 'auth-failed', { hop: 'gateway' }),
      waiting('refused', 'auth-failed'),
      host('up'),
    ]);
    const over = logins.start(['a']);
    await settled();
    end('a', true);
    await over;
    expect(scans).toEqual([['same-key', 'locked', 'behind']]);
  });

  it('that fail have nothing scanned', async () => {
    const { logins, scans, end } = loginsOf([waiting('a'), waiting('b')]);
    const over = logins.start(['a']);
    await settled();
    end('a', false);
    await over;
    expect(scans).toEqual([]);
  });

  it('do not reach a host that has left the list before its turn', async () => {
    const { logins, store, begun, end } = loginsOf([waiting('a'), waiting('b')]);
    const over = logins.start(['a', 'b', 'never-listed']);
    await settled();
    store.apply({ kind: 'hosts-listed', hosts: [waiting('a')], excludedAliases: [], problems: [] });
    end('a', false);
    await over;
    expect(begun).toEqual(['a']);
  });

  it('are given up with the app: the one that runs, those that wait, and any later one', async () => {
    const { logins, begun, scans, signals } = loginsOf([waiting('a'), waiting('b')]);
    const over = logins.start(['a', 'b']);
    await settled();
    await logins.dispose();
    await over;
    expect(signals.get('a')?.aborted).toBe(true);
    await logins.start(['b']);
    expect([begun, scans]).toEqual([['a'], []]);
  });
});
