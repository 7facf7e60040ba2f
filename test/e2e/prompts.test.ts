import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { screenshot, startApp } from '../support/browser/app.ts';
import { violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, useDemo, withClipboard } from '../support/browser/hooks.ts';
import { temporaryFolder } from '../support/folder.ts';
import {
  fingerprintOf,
  generateKey,
  publicKey,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../support/ssh/sshd.ts';
import { standIns, twoGpus } from '../support/stand-ins.ts';

const run = promisify(execFile);

describeInBrowser('what only a person can settle', () => {
  const { open } = useDemo();

  for (const [name, options] of [
    ['light', { colorScheme: 'light' as const }],
    ['dark-600', { colorScheme: 'dark' as const, viewport: { width: 600, height: 720 } }],
  ] as const) {
    it(`is asked for in a banner and dialogs that are accessible: ${name}`, async () => {
      const { page, complaints } = await open(options);
      const waiting = page.getByRole('region', { name: 'Waiting for you' });
      await waiting.getByText('1 host key not known yet').waitFor();
      await screenshot(page, `attention-${name}`);
      await waiting.getByRole('button', { name: 'Review' }).click();
      await page.getByRole('dialog', { name: '1 host key to check' }).waitFor();
      await screenshot(page, `host-keys-${name}`);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await waiting.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('dialog', { name: 'Log in to dgx-guest' }).waitFor();
      await screenshot(page, `prompt-${name}`);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await waiting.getByText('dgx-guest needs a login').waitFor();
      expect(complaints).toEqual([]);
    });
  }

  it('a code, wrong and then right, brings the host up, with the keyboard alone', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Log in', exact: true }).focus();
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Code (any six digits will do):');
    await field.waitFor();
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    await page.getByText('That was not right. Try again.').waitFor();
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await page.getByText(/13 of 15 hosts/).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('an accepted host key brings the host up', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Accept 1 key' }).click();
    await page.getByText(/14 of 15 hosts/).waitFor();
    await page.getByRole('region', { name: 'Waiting for you' }).waitFor({ state: 'detached' });
  });
});

describe.skipIf(!sshdAvailable())('the key of a real host', () => {
  describeInBrowser('in its row', () => {
    const { open } = useBrowser();

    /** A page of the app on the host `lab`, which has two GPUs; what is known of its key is `known(PORT)`. */
    async function openLab(known: (port: number) => Promise<string>) {
      const { directory } = standIns({ 'nvidia-smi': twoGpus });
      const sshd = await startSshd({ env: { PATH: `${directory}:${process.env.PATH}` } });
      onTestFinished(sshd.stop);
      const knownHosts = join(sshd.dir, 'known-here');
      await writeFile(knownHosts, await known(sshd.port));
      const options = { ...sshd.hostOptions(), UserKnownHostsFile: knownHosts };
      const config = await writeSshConfig(sshd.dir, [{ alias: 'lab', options }]);
      const app = await startApp(['--ssh-config', config]);
      onTestFinished(async () => void (await app.stop()));
      const { page, complaints } = await open(app.url, withClipboard);
      const row = page.getByRole('region', { name: 'Hosts that did not answer' }).getByRole('listitem');
      const fingerprint = await fingerprintOf(sshd.hostKeyPath);
      /** From the row's button through the fingerprint to the host being up. */
      const review = async (): Promise<void> => {
        await row.getByRole('button', { name: 'Review key lab' }).click();
        const dialog = page.getByRole('dialog', { name: '1 host key to check' });
        await dialog.getByText(fingerprint, { exact: true }).waitFor();
        await dialog.getByRole('checkbox', { name: 'lab' }).check();
        await dialog.getByRole('button', { name: 'Accept 1 key' }).click();
        await page.locator('[data-table="gpus"][data-key="lab"] .GpuStrip__strip').waitFor();
        await row.waitFor({ state: 'detached' });
        expect(await readFile(knownHosts, 'utf8')).toContain(`${sshd.knownHostsLine}\n`);
        expect(complaints).toEqual([]);
      };
      return { page, row, fingerprint, review };
    }

    it('is reviewed while it is unknown, and then the host is up', async () => {
      const { row, review } = await openLab(async () => '');
      await row.getByText('The host key is not known').waitFor();
      // It stays unknown until a person has looked at it.
      expect(await row.getByRole('button', { name: /^Try again/ }).count()).toBe(0);
      await review();
    });

    it('is refused when it has changed, until the old one is removed with the command shown', async () => {
      const folder = await temporaryFolder();
      onTestFinished(folder.remove);
      const other = await generateKey(join(folder.path, 'other'));
      const { page, row, fingerprint, review } = await openLab(
        async (port) => `[127.0.0.1]:${port} ${await publicKey(other)}\n`,
      );
      await row.getByText('The host key has CHANGED: this may be another machine').waitFor();
      await row.getByText(fingerprint).waitFor();
      expect(await row.getByText(await fingerprintOf(other)).count()).toBe(1);
      expect(await page.getByRole('button', { name: /^Review/ }).count()).toBe(0);
      expect(await page.getByRole('region', { name: 'Waiting for you' }).count()).toBe(0);
      await screenshot(page, 'host-key-changed');
      expect(await violations(page)).toEqual([]);
      // As often as it is tried.
      await row.getByRole('button', { name: 'Try again lab' }).click();
      await page.getByText(/^Scanned 1 host in /).waitFor();
      await row.getByText('The host key has CHANGED: this may be another machine').waitFor();

      await row.getByRole('button', { name: 'Copy command lab' }).click();
      const command = String(await page.evaluate('navigator.clipboard.readText()'));
      expect(command).toMatch(/^ssh-keygen -R /);
      await run('/bin/sh', ['-c', command]);
      await row.getByText('The host key is not known').waitFor();
      await review();
    });
  });
});
