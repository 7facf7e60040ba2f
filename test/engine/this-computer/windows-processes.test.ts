import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listWindowsProcesses, splitCommandLine } from '#engine/this-computer/windows-processes.ts';

const onWindows = process.platform === 'win32';
if (!onWindows) console.log('skipped: PowerShell and CIM are on Windows alone');

describe.skipIf(!onWindows)('the PowerShell of Windows', () => {
  it('tells a process with its words, its parent and its start', { timeout: 60_000 }, async () => {
    const words = ['a b', 'c"d', 'e\\', '', 'Grüße'];
    const program = 'console.log(1); setInterval(() => undefined, 1000)';
    const startedAt = Date.now();
    const child = spawn(process.execPath, ['-e', program, '--', ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const all = await listWindowsProcesses(process.env);
      const found = all?.find(({ pid }) => pid === child.pid);
      expect(splitCommandLine(found?.args ?? '').slice(-words.length)).toEqual(words);
      expect(found?.parentPid).toBe(process.pid);
      expect(Math.abs((found?.startedAt ?? 0) - startedAt)).toBeLessThan(60_000);
    } finally {
      child.kill();
    }
  });
});

it.skipIf(onWindows)('are unknown where there is no PowerShell', async () => {
  expect(await listWindowsProcesses({})).toBeNull();
});
