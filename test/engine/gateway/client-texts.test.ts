/** The texts that the window copies, run as they are: by node and by a shell. */

import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients } from '#common/clients/clients.ts';
import { openTestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { reply, standInModel } from '../../support/stand-in-model.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const hasCurl = spawnSync('curl', ['--version']).error === undefined;
if (!hasCurl) console.log('skipped: there is no curl here to run its line');

/** What a program prints that is given this text by its input, as pasted; its imports are those of this package. */
function printed(program: string, args: readonly string[], text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { PATH: process.env.PATH } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    child.once('error', reject);
    child.once('close', () => resolve(output));
    child.stdin.end(text);
  });
}

describe.skipIf(!sshdAvailable())('a copied text', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const served = async () => {
    const model = await standInModel({ models: ['org/m'] });
    const { url, key } = await openTestGateway(sshd, [model.port]);
    return { model, access: { url, key, model: 'org/m' } };
  };

  it.each(['openai-js', 'anthropic-js'] as const)('for %s prints an answer', async (client) => {
    const { model, access } = await served();
    const output = await printed(process.execPath, ['--input-type=module'], clients[client].write(access));
    expect(output).toBe(`${reply}\n`);
    expect(model.seen).toHaveLength(1);
  });

  it.skipIf(!hasCurl)('for curl streams one', async () => {
    const { access } = await served();
    const output = await printed('/bin/sh', [], clients.curl.write(access));
    expect(output).toContain('data: [DONE]');
  });
});
