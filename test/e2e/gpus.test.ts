import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Host } from '#common/hosts.ts';
import { screenshot } from '../support/browser/app.ts';
import { expectNoOverflow, expectSound, overflowPx, scanned, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo, useFleet, withClipboard } from '../support/browser/hooks.ts';
import { aProcess } from '../support/samples.ts';

const looks = [
  ['light-1280', {}],
  ['dark-900', { colorScheme: 'dark', viewport: { width: 900, height: 800 } }],
  ['light-1600', { viewport: { width: 1600, height: 1000 } }],
  // As a window of 1280 by 800 at 200 %.
  ['zoomed-640', { viewport: { width: 640, height: 400 } }],
  ['contrast-1280', { contrast: 'more' }],
  ['forced-1280', { forcedColors: 'active' }],
] as const;

/** The button that unfolds the host's row. */
const row = (page: Page, alias: string) =>
  page.getByRole('rowheader').getByRole('button', { name: alias, exact: true });

const hostNames = async (page: Page) => page.locator('[data-table="gpus"] .expander').allTextContents();

describeInBrowser('the GPUs view on the demo cluster', () => {
  const demo = useDemo();

  async function open(options?: BrowserContextOptions) {
    const opened = await demo.open(options);
    await scanned(opened.page);
    return opened;
  }

  it('unfolds a host to its GPUs, processes, commands and charts', async () => {
    const { page, complaints } = await open();
    await row(page, 'h100-01').click();
    const table = page.getByRole('table', { name: 'GPUs of h100-01' });
    await table.getByText('svc-llm').first().waitFor();
    expect(await table.getByRole('row').count()).toBe(9);
    await table
      .getByText(/^\d+ \/ 700 W$/)
      .first()
      .waitFor();
    await page.getByText('570.133.20').waitFor();
    await page.getByText('built-in ssh').waitFor();
    await page
      .getByRole('img', { name: /^Utilisation of h100-01, last 30 minutes\. GPU 0: now \d+ %/ })
      .waitFor();
    await page.locator('.Chart__picture canvas').first().waitFor();
    // The crosshair, by keyboard.
    const slider = page.getByRole('slider', { name: 'Time in Utilisation of h100-01' });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.inputValue()).toBe('0');
    expect(complaints).toEqual([]);
  });

  it('sorts by a column, and keeps that over a reload', async () => {
    const { page } = await open();
    await page.getByRole('columnheader', { name: 'Host' }).getByRole('button').click();
    const names = await hostNames(page);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    await page.reload();
    await scanned(page);
    expect(await hostNames(page)).toEqual(names);
    await page.getByRole('columnheader', { name: 'Host', exact: true }).getByRole('button').click();
    expect(await hostNames(page)).not.toEqual(names);
  });

  it('filters by typed terms with suggestions, shows them as chips, and takes one away', async () => {
    const { page } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('kind:l4');
    await page.getByRole('option', { name: 'kind:"NVIDIA L40S"' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('2 of 15 hosts').waitFor();
    expect((await hostNames(page)).sort()).toEqual(['l40s-batch', 'l40s-dev']);
    await page.keyboard.type('user:batch colour:red');
    await page.getByRole('status').getByText('1 of 15 hosts').waitFor();
    await page.getByText('There is no “colour:”').waitFor();
    await screenshot(page, 'gpus-filtered-light');
    await page.getByRole('button', { name: 'Remove user:batch' }).click();
    await page.getByRole('status').getByText('2 of 15 hosts').waitFor();
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await row(page, 'h100-02').waitFor();
  });

  it('finds free GPUs and copies the way to them', async () => {
    const { page } = await open(withClipboard);
    await page.getByRole('button', { name: 'Find free GPUs' }).click();
    const finder = page.getByRole('dialog', { name: 'Find free GPUs' });
    await finder.getByLabel('GPUs').fill('2');
    await finder.getByLabel('GiB each, at least').fill('40');
    await finder.getByText(/^2 matching free GPUs on \d+ hosts?/).waitFor();
    await finder.getByRole('button', { name: 'Copy the command for l40s-batch' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
      /^ssh -t -F \S+ l40s-batch 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=2,3 "\$SHELL" -l'$/,
    );
    await finder.getByRole('button', { name: 'l40s-batch', exact: true }).click();
    await page.locator('[data-key="l40s-batch"][data-marked="true"]').waitFor();
    expect(await row(page, 'l40s-batch').evaluate((element) => element === document.activeElement)).toBe(
      true,
    );
  });

  it.each(looks)('is clean to axe, and nothing overflows: %s', async (name, options) => {
    const { page, complaints } = await open({ ...options });
    await row(page, 'a100-mig').click();
    await row(page, 'h100-01').click();
    await page.getByText('3 hosts did not answer').click();
    await page.getByText('The host refused the connection').waitFor();
    await page.locator('.Chart__picture canvas').first().waitFor();
    await expectSound(page);
    await screenshot(page, `gpus-open-${name}`);
    await page.locator('.Chart__chart').first().scrollIntoViewIfNeeded();
    await screenshot(page, `gpus-charts-${name}`);
    await page.getByRole('button', { name: 'Find free GPUs' }).click();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, `gpus-finder-${name}`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'How to filter' }).click();
    await expectSound(page);
    expect(complaints).toEqual([]);
  });
});

describeInBrowser('the GPUs view with a large fleet', () => {
  const { store, open } = useFleet({ hosts: 1000, gpus: 8 });

  const change = (alias: string, fields: Partial<Host>) => {
    const host = store()
      .current()
      .hosts.find(({ id }) => id === alias);
    if (host === undefined) throw new Error(`no host ${alias}`);
    store().apply({ kind: 'host-changed', host: { ...host, ...fields } });
  };

  it('keeps only the rows in view, and is a table of all of them to a screen reader', async () => {
    const { page } = await open();
    await page.locator('[data-table="gpus"]').first().waitFor();
    expect(await page.locator('[data-table="gpus"]').count()).toBeLessThan(60);
    const table = page.getByRole('table');
    expect(await table.getAttribute('aria-rowcount')).toBe('1001');
    expect(await page.locator('[data-table="gpus"]').first().getAttribute('aria-rowindex')).toBe('2');
    const devtools = await page.context().newCDPSession(page);
    const { nodes } = await devtools.send('Accessibility.getFullAXTree');
    const roles = new Set(nodes.map(({ role }) => role?.value));
    for (const role of ['table', 'rowgroup', 'row', 'columnheader', 'rowheader', 'cell'])
      expect(roles).toContain(role);
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    await page.locator('[aria-rowindex="1001"]').waitFor();
    expect(await page.locator('[data-table="gpus"]').count()).toBeLessThan(60);
  });

  it('keeps the focus of a row that is scrolled away, and unfolds it there', async () => {
    const { page } = await open();
    await page.locator('[data-table="gpus"]').first().waitFor();
    const alias = (await hostNames(page))[2] ?? '';
    await row(page, alias).focus();
    await page.locator('main').evaluate((main) => main.scrollTo(0, 20_000));
    await page.locator('[aria-rowindex="460"]').waitFor();
    expect(await page.evaluate('document.activeElement?.textContent')).toBe(alias);
    await page.keyboard.press('Enter');
    await page.locator('main').evaluate((main) => main.scrollTo(0, 0));
    await page.getByRole('table', { name: `GPUs of ${alias}` }).waitFor();
    // What it unfolded pushes the next row down, and lies on no other.
    const box = async (selector: string) => {
      const found = await page.locator(selector).boundingBox();
      if (found === null) throw new Error(`nothing at ${selector}`);
      return found;
    };
    const details = await box('.FoldableTable__detailsRow');
    const index = Number(await page.locator('.FoldableTable__detailsRow').getAttribute('data-index'));
    await expect
      .poll(async () =>
        Math.abs(
          Math.round(
            (await box(`.view > table > tbody > [data-index="${index + 1}"]`)).y - details.y - details.height,
          ),
        ),
      )
      .toBe(0);
  });

  it('brings a place of the address into view', async () => {
    const { page } = await open();
    await page.locator('[data-table="gpus"]').first().waitFor();
    await page.locator('main').evaluate((main) => main.scrollTo(0, 20_000));
    await page.evaluate('location.hash = "#gpus/gpu-0777"');
    await page.locator('[data-key="gpu-0777"][data-marked="true"]').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement?.textContent')).toBe('gpu-0777');
    // A table that becomes short is whole again, and its rows stand below each other.
    await page.getByRole('combobox').fill('host:gpu-077');
    await page.getByRole('status').getByText('10 of 1,000 hosts').waitFor();
    const tops = await page
      .locator('thead tr, [data-table="gpus"]')
      .evaluateAll((rows) =>
        rows.map((row) => [row.getBoundingClientRect().top, row.getBoundingClientRect().bottom]),
      );
    expect(tops).toHaveLength(11);
    tops.slice(1).forEach(([top], at) => {
      expect(Math.abs((top ?? 0) - (tops[at]?.[1] ?? 0))).toBeLessThan(2);
    });
  });

  it('a host that fails stands in its group with what to do, and comes back to the table', async () => {
    const { page } = await open();
    await page.locator('[data-table="gpus"]').first().waitFor();
    const failure = {
      code: 'connection-timeout',
      step: 'connect',
      detail: 'connect ETIMEDOUT 10.0.0.7:22',
      command: 'ssh gpu-0500 true',
      nextAttemptAt: Date.now() + 60_000,
    } as const;
    const before = store()
      .current()
      .hosts.find(({ id }) => id === 'gpu-0500');
    change('gpu-0500', { state: { kind: 'unreachable', failure }, gpus: [] });
    await page.getByRole('button', { name: '1 host did not answer' }).click();
    await page.getByText('connect ETIMEDOUT 10.0.0.7:22').waitFor();
    await page.getByText(/^next try in \d+ s$/).waitFor();
    change('gpu-0500', { state: { kind: 'up' }, gpus: before?.gpus ?? [] });
    await page.getByText('1 host did not answer').waitFor({ state: 'detached' });
    await page.getByRole('combobox').fill('host:gpu-0500');
    await row(page, 'gpu-0500').waitFor();
  });

  it('many hosts that failed are a list of those in view', async () => {
    const { page } = await open();
    await page.locator('[data-table="gpus"]').first().waitFor();
    const failure = {
      code: 'dns-failed',
      step: 'resolve',
      detail: '',
      command: null,
      nextAttemptAt: null,
    } as const;
    const gpus = new Map(
      store()
        .current()
        .hosts.map((host) => [host.id, host.gpus]),
    );
    const some = [...gpus.keys()].slice(0, 300);
    for (const id of some) change(id, { state: { kind: 'unreachable', failure }, gpus: [] });
    await page.getByRole('button', { name: '300 hosts did not answer' }).click();
    await page.locator('.FailedHosts__host').first().waitFor();
    expect(await page.locator('.FailedHosts__host').count()).toBeLessThan(60);
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    await page.locator('.FailedHosts__host[aria-posinset="300"]').waitFor();
    for (const id of some) change(id, { state: { kind: 'up' }, gpus: gpus.get(id) ?? [] });
  });
});

describeInBrowser('text from outside', () => {
  const html = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const marks = '\u202egnp.exe\u2066\u0000\u001b[31m\u0007\u200f';
  const long = 'n'.repeat(100_000);
  const evil = [html, marks, long, `${'широкий '.repeat(5000)}${'漢'.repeat(5000)}`];

  const dress = (host: Host, index: number): Host => {
    const text = evil[index % evil.length] ?? '';
    if (index >= evil.length) return host;
    const process = { ...aProcess, user: text, command: text };
    const details = {
      ...host.gpus[0]?.details,
      throttleReasons: [text],
      pciBusId: text,
    } as Host['gpus'][0]['details'];
    return {
      ...host,
      alias: text,
      endpoint: { hostname: text, port: 22, user: text },
      driverVersion: text,
      cudaVersion: text,
      gpus: host.gpus.map((gpu, at) => ({
        ...gpu,
        name: text,
        processes: [process],
        problem: at === 0 ? text : null,
        details,
      })),
    };
  };
  const { open } = useFleet({ hosts: 8, gpus: 4, dress });

  it.each([1280, 640])('is text, and breaks no layout: %i px', async (width) => {
    const { page, complaints } = await open({ viewport: { width, height: 800 } });
    const rows = page.locator('[data-table="gpus"]');
    await rows.first().waitFor();
    const title = await page.title();
    const heights = await rows.evaluateAll((all) => all.map((one) => (one as HTMLElement).offsetHeight));
    expect(new Set(heights).size).toBe(1);
    for (const id of ['gpu-0000', 'gpu-0001', 'gpu-0002', 'gpu-0003']) {
      await page.locator(`[data-key="${id}"] .expander`).click();
      await page.locator('.FoldableTable__detailsRow').first().waitFor();
      await expectNoOverflow(page);
      await screenshot(page, `gpus-hostile-${id}-${width}`);
      await page.locator(`[data-key="${id}"] .expander`).click();
    }
    await page.getByRole('button', { name: 'Find free GPUs' }).click();
    expect(await overflowPx(page)).toBe(0);
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
    expect(await page.title()).toBe(title);
    expect(complaints).toEqual([]);
  });
});
