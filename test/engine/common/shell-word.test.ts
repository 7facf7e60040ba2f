import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord } from '#common/text.ts';

describe('a quoted argument', () => {
  it.each(['plain', 'with blank', "it's", '$HOME `id` "x"', '[a]:22', ''])(
    '%j is itself in a shell',
    (argument) => {
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${shellWord(argument)}`], {
        encoding: 'utf8',
      });
      expect(stdout).toBe(argument);
    },
  );
});
