import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sshCommand } from '#common/select/hosts.ts';
import { curlCommand, exportBaseUrl, pythonProgram } from '../../../renderer/lib/commands.ts';
import { host } from '../samples.ts';

const ownHosts = { kind: 'ssh-config', path: '/home/me/.ssh/config' } as const;

/** The arguments that a POSIX shell hands to the program named in the command line. */
function wordsOf(program: string, command: string): readonly string[] {
  const script = `${program}() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a pasted curl line carries the model id whole, whatever is in it', () => {
  const id = `it's "a" $(touch /tmp/x) \`id\` \\ model; rm -rf ~`;
  const words = wordsOf('curl', curlCommand('http://localhost:16100/v1', { model: id, needsKey: false }));
  expect(words[0]).toBe('http://localhost:16100/v1/chat/completions');
  expect(words.slice(1, 4)).toEqual(['-H', 'Content-Type: application/json', '-d']);
  expect(JSON.parse(words[4] ?? '')).toEqual({ model: id, messages: [{ role: 'user', content: 'Hello' }] });
  expect(wordsOf('curl', curlCommand('http://localhost:16100/v1', { model: null, needsKey: false }))).toEqual(
    ['http://localhost:16100/v1/models'],
  );
});

test('an alias is one word of the ssh line; the export line is plain', () => {
  expect(wordsOf('ssh', sshCommand(ownHosts, host('gpu; reboot', 0, 0)))).toEqual(['gpu; reboot']);
  expect(sshCommand(ownHosts, host('gpu-01.example', 0, 0))).toBe('ssh gpu-01.example');
  const elsewhere = { ...ownHosts, configFile: '/my configs/gpus' };
  expect(sshCommand(elsewhere, host('gpu-01', 0, 0))).toBe("ssh -F '/my configs/gpus' gpu-01");
  expect(exportBaseUrl('http://localhost:1/v1')).toBe('export OPENAI_BASE_URL=http://localhost:1/v1');
});

const hasPython = spawnSync('python3', ['--version']).error === undefined;

if (!hasPython) console.log('skipped: there is no python3 to read the Python program');

test.skipIf(!hasPython)('the Python program is one, whatever the model is called', () => {
  const id = `it's """a""" \\ {x} \u2028 \u00e9 \ud83c\udf0d # "); import os`;
  for (const needsKey of [false, true]) {
    const program = pythonProgram('http://localhost:1/v1', { model: id, needsKey });
    const read = `import ast, json, sys
tree = ast.parse(sys.stdin.read())
print(json.dumps([node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]))`;
    const constants = JSON.parse(
      execFileSync('python3', ['-c', read], { input: program, encoding: 'utf8' }),
    ) as unknown[];
    expect(constants).toContain(id);
    expect(constants.includes('none')).toBe(!needsKey);
  }
  expect(pythonProgram('http://localhost:1/v1', { model: null, needsKey: false })).toContain('models.list()');
});

test('a command for a server with a key takes it from the environment', () => {
  const command = curlCommand('http://localhost:1/v1', { model: 'm', needsKey: true });
  const words = execFileSync('/bin/sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${command}`], {
    encoding: 'utf8',
    env: { ...process.env, OPENAI_API_KEY: 'sk-1' },
  });
  expect(words).toContain('Authorization: Bearer sk-1\n');
});
