import { expect, it } from 'vitest';
import { ownCommand } from '../../../main/cli/own-command.ts';

it.each([
  [{ kind: 'ssh-config', path: '/home/me/.ssh/config' }, 'vllm-tray logs lab/qwen'],
  [
    { kind: 'ssh-config', path: '/my lab', configFile: '/my lab' },
    "vllm-tray logs lab/qwen --ssh-config '/my lab'",
  ],
  [{ kind: 'demo', configFile: '/tmp/demo/config' }, 'vllm-tray logs lab/qwen --demo'],
] as const)('of %j', (source, line) => {
  expect(ownCommand(source, 'logs', 'lab/qwen')).toBe(line);
});
