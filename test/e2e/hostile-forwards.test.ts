import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { expectNoOverflow } from '../support/browser/checks.ts';
import { describeInBrowser, useFleet } from '../support/browser/hooks.ts';

describeInBrowser('forwards of hostile names', () => {
  const { store, open } = useFleet({ hosts: 2, gpus: 1 });

  it.each([600, 1280])('stay text in a layout that holds, %i px wide', async (width) => {
    const names = [
      '<img src=x onerror="window.broken=1">',
      '\u202eevil\u2066 \u200f שלום',
      'x'.repeat(100_000),
    ];
    const failure = (detail: string) => ({
      code: 'target-refused' as const,
      step: 'forward' as const,
      detail,
      command: detail,
      nextAttemptAt: null,
    });
    for (const [at, name] of names.entries())
      store().apply({
        kind: 'forward-changed',
        forward: {
          id: `gpu-0000:${at}`,
          hostId: name,
          remoteAddress: name,
          remotePort: at,
          remoteHost: null,
          remoteSocket: null,
          localPort: 16_100 + at,
          origin: 'user',
          pinned: false,
          label: name.slice(0, 60),
          state: { kind: 'retrying', failure: failure(name) },
          health: { kind: 'unknown' },
          since: 1,
          traffic: { openConnections: 0, totalConnections: 0, bytesIn: 1e15, bytesOut: 1e15 },
          lastError: null,
        },
      });
    store().apply({
      kind: 'parts-changed',
      parts: {
        otherForwards: {
          tmux: 'available',
          processes: 'available',
          lookedAt: Date.now(),
          forwards: names.map((name, at) => ({
            id: `ssh ${at}`,
            owner:
              at === 1
                ? { kind: 'tmux', session: name }
                : { kind: 'ssh', pid: at, command: name, startedAt: 1 },
            destination: name,
            hostId: null,
            localAddress: name,
            localPort: at + 1,
            remoteAddress: name,
            remotePort: 65_535,
            models: [name, name],
            state: at === 0 ? { kind: 'dead', failure: failure(name) } : { kind: 'answering' },
          })),
        },
        localServers: names.map((name, at) => ({
          port: at + 1,
          address: name,
          engine: null,
          version: name,
          models: [name],
          loads: [],
          state: { kind: 'up' },
          owner: { kind: 'process', pid: 1, command: name },
        })),
      },
    });
    const { page, complaints } = await open({ viewport: { width, height: 900 } });
    await page.evaluate(`location.hash = '#forwards'`);
    await page.locator('[data-table="forwards"]').nth(2).waitFor();
    const heights = await page
      .locator('[data-table="forwards"]')
      .evaluateAll((rows) => rows.map((one) => Math.round(one.getBoundingClientRect().height)));
    expect(new Set(heights).size).toBe(1);
    await page.locator('[data-table="forwards"] .expander').first().click();
    await page.locator('.Details__details').waitFor();
    await expectNoOverflow(page);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(complaints).toEqual([]);
    await screenshot(page, `forwards-hostile-${width}`);
  });
});
