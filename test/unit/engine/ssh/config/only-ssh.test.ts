import { expect, it } from 'vitest';
import { prometheusHostId } from '#common/ids.ts';
import { onlySsh } from '#engine/ssh/config/only-ssh.ts';
import type { Resolver } from '#engine/ssh/config/resolve.ts';

it('what Prometheus calls a host is never asked of ssh', async () => {
  const asked: string[] = [];
  const ask = async (alias: string) => void asked.push(alias);
  const expected = async (aliases: readonly string[]) => void asked.push(...aliases);
  const resolver = onlySsh({ resolve: ask, read: ask, expect: expected } as unknown as Resolver);
  const hostId = prometheusHostId('-oProxyCommand=x');
  await expect(resolver.resolve(hostId)).rejects.toMatchObject({ code: 'no-ssh' });
  await expect(resolver.read(hostId)).rejects.toMatchObject({ code: 'no-ssh' });
  await resolver.resolve('gpu');
  await resolver.read('gpu');
  await resolver.expect([hostId, 'gpu']);
  expect(asked).toEqual(['gpu', 'gpu', 'gpu']);
});
