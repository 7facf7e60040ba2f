/** Of all that a failing tool prints the sentence that says most. */

import { describe, expect, it } from 'vitest';
import { isAround, reasonIn } from '#engine/probe/tools/reason.ts';

describe('the reason', () => {
  it.each([
    ['nothing at all', '', ''],
    ['blank lines', '\n \r\n', ''],
    ['one line', 'No devices were found\n', 'No devices were found'],
    [
      'an error among other lines',
      'Checking\nNVIDIA driver: ok\nFailed to initialize NVML: Driver/library version mismatch\nbye',
      'Failed to initialize NVML: Driver/library version mismatch',
    ],
    ['an error in JSON', '{"error": "device lost", "x": 1}', 'device lost'],
    ['JSON that says nothing', '[{"gpu": 0}, {"gpu":', 'its JSON cannot be read'],
    [
      'what runs around the tool',
      "ERROR: ld.so: object 'x.so' from LD_PRELOAD cannot be preloaded: ignored.\n/bin/sh: warning: setlocale: LC_ALL: cannot change locale\nNVML is gone",
      'NVML is gone',
    ],
    [
      'the end of a traceback',
      'Traceback (most recent call last):\n  File "a.py", line 1\n    x()\nAmdSmiLibraryException: Error code:\n\t34 | AMDSMI_STATUS_NO_PERM',
      'AmdSmiLibraryException: Error code: 34 | AMDSMI_STATUS_NO_PERM',
    ],
    [
      'the last of two tracebacks',
      'Traceback (most recent call last):\n  a\nKeyError: 1\nDuring handling:\nTraceback (most recent call last):\n  b\nOSError: gone',
      'OSError: gone',
    ],
    [
      'a missing right and the group that gives it',
      'Permission denied on /dev/kfd\nUser is missing the following required groups: render',
      'User is missing the following required groups: render',
    ],
    [
      'a warning of Python with its code',
      "/usr/lib/x.py:3: SyntaxWarning: invalid escape\n  re.compile('error')\nno GPU is there",
      'no GPU is there',
    ],
  ])('in %s', (_name, text, reason) => {
    expect(reasonIn(text)).toBe(reason);
  });

  it.each([`+${'-'.repeat(40)}+\n| NVIDIA-SMI 550.54 |`, '='.repeat(30), 'ROCm System Management Interface'])(
    'in a table for people is that it is one: %j',
    (text) => {
      expect(reasonIn(text)).toMatch(/^it prints a table for people/);
    },
  );

  it('is short and plain, whatever a host sends', () => {
    const hostile = `error: \u001b[31m${'x'.repeat(1_000_000)}\u202e`;
    expect(reasonIn(hostile).length).toBeLessThanOrEqual(300);
    expect(reasonIn(hostile)).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(reasonIn(`${'a\n'.repeat(500_000)}error: the end`)).toBe('error: the end');
  });

  it('is not looked for in the lines of the loader and of a shell', () => {
    expect(isAround('/bin/sh: line 3: warning: setlocale: LC_ALL: cannot change locale (C.UTF-8)')).toBe(
      true,
    );
    expect(isAround('setlocale failed')).toBe(false);
  });
});
