import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type ClientId, clients } from '#common/clients/clients.ts';

const access = { url: 'http://127.0.0.1:16000/v1', key: 'k-123_x', model: 'Qwen/Qwen3-32B' };
const hostile = `it's """a""" \\ {x}: # \u2028 \u0085 \u00e9 \ud83c\udf0d "); $(id) \`id\` !x; import os`;

const write = (id: ClientId, model = access.model) => clients[id].write({ ...access, model });

it.skipIf(!canRun('import tomllib'))('a file for Codex is TOML', () => {
  for (const model of [access.model, hostile]) {
    const script = 'import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))';
    expect(JSON.parse(python(script, write('codex', model)))).toEqual({
      model,
      model_provider: 'vllm-tray',
      model_providers: {
        'vllm-tray': {
          name: 'vllm-tray',
          base_url: access.url,
          experimental_bearer_token: access.key,
          wire_api: 'responses',
        },
      },
    });
  }
});

describe('a program in Python', () => {
  it.skipIf(!canRun('import ast'))('is one, whatever the model is called', () => {
    const script = `import ast, json, sys
tree = ast.parse(sys.stdin.read())
print(json.dumps([node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]))`;
    for (const id of ['openai-python', 'anthropic-python'] as const) {
      const constants = JSON.parse(python(script, write(id, hostile)));
      expect(constants).toContain(hostile);
      expect(constants).toContain(access.key);
    }
  });
});

describe('lines for a shell', () => {
  it('give curl its key by its input, never among its arguments', () => {
    const [input, ...words] = shell(
      `curl() { cat; printf '\\0'; printf '%s\\0' "$@"; }\n${write('curl', hostile)}`,
    ).split('\0');
    expect(input).toBe(`Authorization: Bearer ${access.key}\n`);
    expect(words.slice(0, 7)).toEqual([
      '-N',
      'http://127.0.0.1:16000/v1/chat/completions',
      '-H',
      '@-',
      '-H',
      'Content-Type: application/json',
      '-d',
    ]);
    expect(JSON.parse(words[7] ?? '')).toMatchObject({ model: hostile, stream: true });
    expect(words.join(' ')).not.toContain(access.key);
  });

  it.each([
    ['variables', 'OPENAI_MODEL', 'ANTHROPIC_API_KEY', ''],
    ['claude-code', 'ANTHROPIC_DEFAULT_HAIKU_MODEL', 'ANTHROPIC_AUTH_TOKEN', 'claude ran\n'],
    ['open-webui', 'DEFAULT_MODELS', 'OPENAI_API_KEY', 'open-webui ran serve\n'],
  ] as const)('set the environment of %s', (id, model, key, ran) => {
    const text = `claude() { echo claude ran; }\nopen_webui() { echo open-webui ran "$@"; }\n${write(id, hostile)}`;
    // A name with a hyphen is no function of every shell.
    const output = shell(`${text.replace(/^open-webui/m, 'open_webui')}printf '%s\\0' "$${model}" "$${key}"`);
    expect(output).toBe(`${ran}${hostile}\0${access.key}\0`);
  });
});

function shell(script: string): string {
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
}

function python(script: string, input: string): string {
  return execFileSync('python3', ['-c', script], { input, encoding: 'utf8' });
}

/** Says where it cannot. */
function canRun(statement: string): boolean {
  const can = spawnSync('python3', ['-c', statement]).status === 0;
  if (!can) console.log(`skipped: there is no python3 that can ${statement}`);
  return can;
}
