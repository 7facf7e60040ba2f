import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../main/demo/cluster.ts';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { overflowPx, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';

/** Starts the app on a configuration, for a person who has never been here. */
async function startFirst(sshConfigPath: string, settings: object = {}) {
  const home = createConfigHome({ welcomed: false, ...settings });
  const app = await startApp(['--ssh-config', sshConfigPath], home);
  onTestFinished(async () => {
    await app.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const stored = () => JSON.parse(readFileSync(path.join(home, 'vllm-tray', 'config.json'), 'utf8'));
  return { app, home, stored };
}

/** A host that answers nothing and counts who comes; any copy of the app on this computer may ask its port for models. */
async function countingHost() {
  let connections = 0;
  const server = createServer((socket) => {
    let said = '';
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!said.startsWith('GET ')) connections += 1;
    });
    socket.once('data', (data) => {
      said = data.toString('latin1');
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

function writeConfig(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vllm-tray-first-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'config');
  writeFileSync(file, text);
  return file;
}

describeInBrowser('the first run', () => {
  const marker = () => path.join(tmpdir(), `vllm-tray-match-exec-${process.pid}`);

  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemoCluster();
  });
  afterAll(() => cluster?.dispose());
  const { open } = useBrowser();

  it('says what will be contacted, lets hosts be switched off, and then scans the others', async () => {
    const { app, home, stored } = await startFirst(cluster.sshConfigPath);
    const { page, complaints } = await open(app.url);
    await page.getByRole('heading', { name: 'Before the first scan' }).waitFor();
    await page.getByText(cluster.sshConfigPath).waitFor();
    await page.getByText('15 of 15 hosts switched on').waitFor();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'first-run-light');
    await page.getByRole('button', { name: 'All off' }).click();
    await page.getByRole('button', { name: 'Switch a host on to start' }).waitFor();
    for (const host of ['h100-01', 'rtx-lab']) await page.getByRole('switch', { name: host }).click();
    await page.getByRole('button', { name: 'Start with 2 hosts' }).click();
    await page.getByText(/^Scanned 2 hosts in /).waitFor();
    await page
      .getByText(/2 of 2 hosts/)
      .first()
      .waitFor();
    expect(stored()).toMatchObject({ welcomed: true });
    expect(stored().excludedHosts).toHaveLength(13);
    expect(complaints).toEqual([]);
    await page.context().close();
    await app.stop();

    const again = await startApp(['--ssh-config', cluster.sshConfigPath], home);
    onTestFinished(async () => void (await again.stop()));
    const { page: second } = await open(again.url);
    await second.getByText(/^Scanned 2 hosts in /).waitFor();
  });

  it('contacts nobody before the yes, and then only who is switched on', async () => {
    const [wanted, unwanted] = await Promise.all([countingHost(), countingHost()]);
    const block = (alias: string, port: number) => `Host ${alias}\n  HostName 127.0.0.1\n  Port ${port}\n`;
    const { app } = await startFirst(
      writeConfig(block('wanted', wanted.port) + block('unwanted', unwanted.port)),
    );
    const { page } = await open(app.url);
    await page.getByRole('switch', { name: 'unwanted' }).click();
    await page.getByRole('button', { name: 'Start with 1 host' }).waitFor();
    expect([wanted.connections(), unwanted.connections()]).toEqual([0, 0]);
    await page.getByRole('button', { name: 'Start with 1 host' }).click();
    await page.getByText(/^Scanned 1 host in /).waitFor();
    expect(wanted.connections()).toBeGreaterThan(0);
    expect(unwanted.connections()).toBe(0);
  });

  it('goes by the keyboard alone, and speaks the language of the browser', async () => {
    const { app } = await startFirst(cluster.sshConfigPath, { language: 'system' });
    const { page } = await open(app.url, { locale: 'ru-RU' });
    await page.getByRole('heading', { name: 'Перед первым опросом' }).waitFor();
    await screenshot(page, 'first-run-ru-light');
    await page.getByLabel('Только хосты с подходящим именем').focus();
    await page.keyboard.type('^h100-01$');
    await page.getByRole('button', { name: 'Начать: 1 хост' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText(/^Опрос .*: 1\sхост за /).waitFor();
  });

  it('leaves forges and bastions off, shows addresses, and keeps a bad pattern in view', async () => {
    const block = (alias: string, lines: string) => `Host ${alias}\n  ${lines}\n`;
    const { app, stored } = await startFirst(
      writeConfig(
        block('code', 'HostName git.example.org\n  User git') +
          block('bastion', 'HostName 127.0.0.9') +
          block('gpu01', 'HostName 127.0.0.1\n  Port 1\n  User me') +
          // Whatever is asked of the configuration, nothing in it is run before the yes.
          `Match host gpu01 exec "touch ${marker()}"\n  Port 2\n`,
      ),
    );
    const { page } = await open(app.url, { viewport: { width: 640, height: 400 } });
    await page.getByText('Probably not GPU hosts (2)').waitFor();
    await page.getByText('me@127.0.0.1:1').waitFor();
    await page.getByText('1 of 3 hosts switched on').waitFor();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'first-run-unlikely-light');

    await page.getByLabel('Only hosts whose name matches').fill('(');
    await page.getByRole('button', { name: 'Fix the pattern to start' }).waitFor();
    const error = page.getByRole('alert').filter({ hasText: 'This is not a regular expression.' });
    await error.waitFor();
    const isSeen = await error.evaluate((element) => {
      const { left, top, bottom } = element.getBoundingClientRect();
      return [top, bottom - 1].every((y) => element.contains(document.elementFromPoint(left + 1, y)));
    });
    expect(isSeen).toBe(true);
    await screenshot(page, 'first-run-bad-pattern-light');
    await page.getByLabel('Only hosts whose name matches').fill('');

    expect(existsSync(marker())).toBe(false);
    // Whatever the window says from now on.
    await page.evaluate(`(() => {
      window.seen = '';
      new MutationObserver(() => { window.seen += document.body.innerText; })
        .observe(document.body, { subtree: true, childList: true, characterData: true });
    })()`);
    await page.getByRole('button', { name: 'Start with 1 host' }).click();
    await page.getByText(/^Scanned 1 host in /).waitFor();
    const seen = String(await page.evaluate('window.seen'));
    expect(seen).toContain('Scanned 1 host');
    expect(seen).not.toContain('Not scanned yet');
    expect(stored().excludedHosts).toEqual(['bastion', 'code']);
  });

  it('shows the demo at a press, and leaves the own hosts unasked', async () => {
    const host = await countingHost();
    const { app, stored } = await startFirst(
      writeConfig(`Host own\n  HostName 127.0.0.1\n  Port ${host.port}\n`),
    );
    const { page } = await open(app.url);
    await page.getByRole('button', { name: 'Show the demo' }).click();
    await page.getByText('Demo cluster', { exact: true }).waitFor();
    await page.getByText(/^Scanned 15 hosts in /).waitFor();
    expect(host.connections()).toBe(0);
    expect(stored()).toMatchObject({ welcomed: false });
    await page.goBack();
    await page.getByRole('heading', { name: 'Before the first scan' }).waitFor();
    expect(await app.stop()).toBe(0);
  });

  it('without a host shows the demo cluster by itself, labelled', async () => {
    const { app } = await startFirst(writeConfig('# nothing here\n'));
    const { page } = await open(app.url);
    await page.getByText('Demo cluster', { exact: true }).waitFor();
    expect(await page.getByText('Before the first scan').count()).toBe(0);
  });

  it.each([
    ['light', 1280],
    ['dark', 600],
    ['light', 320],
  ] as const)('holds against hostile names: %s, %i px', async (colorScheme, width) => {
    const names = [
      '<img/src=x/onerror=alert(1)>',
      `long-${'x'.repeat(290)}`,
      'left\u202Etfel',
      '$(reboot)',
      '"quoted',
      "'`;rm",
      'ночь☂',
    ];
    const { app } = await startFirst(
      writeConfig(names.map((name) => `Host ${name}\n  HostName 127.0.0.1\n  Port 1\n`).join('')),
    );
    const { page, complaints } = await open(app.url, {
      colorScheme,
      viewport: { width, height: 700 },
    });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.getByText('<img/src=x/onerror=alert(1)>').first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overflowPx(page)).toBe(0);
    await screenshot(page, `first-run-hostile-${colorScheme}-${width}`);
    await page.getByRole('button', { name: /^Start with \d hosts/ }).click();
    await page.getByText(/^Scanned \d hosts in /).waitFor();
    for (const view of ['settings', 'diagnostics']) {
      await page.evaluate(`location.hash = '#${view}'`);
      await page.getByText('<img/src=x/onerror=alert(1)>').first().waitFor();
      expect(await overflowPx(page), view).toBe(0);
      expect(await violations(page), view).toEqual([]);
      await screenshot(page, `${view}-hostile-${colorScheme}-${width}`);
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(dialogs).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
