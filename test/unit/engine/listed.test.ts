import { expect, it } from 'vitest';
import { requireHost, serverOf } from '#engine/listed.ts';
import { host, server, snapshot } from '../../support/snapshot.ts';

const source = { kind: 'prometheus', ssh: null } as never;
const current = snapshot({ hosts: [host('a'), host('p', { source })], servers: [server('a', 8000, ['m'])] });
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

it('a server that has gone is not found', () => {
  expect(serverOf(current, 'a:8000').port).toBe(8000);
  expect(codeOf(() => serverOf(current, 'a:8001'))).toBe('not-found');
});

it('a forward goes to a host that SSH reaches', () => {
  expect(['a', 'p', 'x'].map((id) => codeOf(() => requireHost(current, id)))).toEqual([
    undefined,
    'no-ssh',
    'not-found',
  ]);
});
