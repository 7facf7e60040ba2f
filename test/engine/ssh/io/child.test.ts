import { expect, it } from 'vitest';
import { parseOutput } from '#engine/ssh/config/ssh-output.ts';
import { run } from '#engine/ssh/io/child.ts';

it('a program that prints without end has failed, whatever its first lines say', async () => {
  const script = 'echo hostname gpu; exec yes identityfile';
  const result = await run('/bin/sh', ['-c', script], { env: process.env, timeoutMs: 60_000 });
  expect(result).toMatchObject({ kind: 'ended', code: null, stdout: '' });
  expect(parseOutput(result)).toBeNull();
});

it('and so has one that prints more than is read and ends well', async () => {
  const script = 'echo hostname gpu; yes identityfile | head -c 40000000; echo proxyjump gw';
  const result = await run('/bin/sh', ['-c', script], { env: process.env, timeoutMs: 60_000 });
  expect(parseOutput(result)).toBeNull();
});
