import { expect, it } from 'vitest';
import { parseOutput } from '#engine/ssh/config/ssh-output.ts';
import { bytesInUse } from '../../../../support/memory.ts';

it('a value that is kept does not keep all that ssh has printed', () => {
  const before = bytesInUse();
  const kept = Array.from({ length: 200 }, (_, at) => {
    const stdout = `hostname gpu-${at}.example.org\nciphers ${'x'.repeat(100_000)}\n`;
    return parseOutput({ kind: 'ended', code: 0, stdout, stderr: '' })?.get('hostname');
  });
  expect(bytesInUse() - before).toBeLessThan(5_000_000);
  expect(kept[7]).toEqual(['gpu-7.example.org']);
});

it('a keyword that stands on very many lines has all of their values, in time that grows with their number alone', () => {
  const stdout = `hostname a\n${'localforward 1 b:2\n'.repeat(100_000)}`;
  expect(parseOutput({ kind: 'ended', code: 0, stdout, stderr: '' })?.get('localforward')).toHaveLength(
    100_000,
  );
});
