import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '#engine/probe/arguments.ts';

describe('the arguments of a process', () => {
  it.each([
    ['vllm serve org/llama --port 8000', 'vllm serve org/llama --port 8000'],
    ['vllm serve m --api-key abc --port 1', 'vllm serve m --api-key … --port 1'],
    ['vllm serve m --api-key=abc', 'vllm serve m --api-key=…'],
    [
      'env HF_TOKEN=abc OPENAI_API_KEY=x python3 -m sglang',
      'env HF_TOKEN=… OPENAI_API_KEY=… python3 -m sglang',
    ],
    ['app hf_abcdefghijklmnopqrstuvwx', 'app …'],
    ['app --x sk-proj-abcdefghijklmnopqrstuvwx', 'app --x …'],
    ['app eyJhbGciOiJI.eyJzdWIiOiIx.abc', 'app …'],
    ['app postgres://me:pw@db/x', 'app postgres://me:…@db/x'],
    ['app -H Authorization: Bearer abc', 'app -H Authorization: … …'],
    [
      'app --key-file /etc/key.pem --tokenizer org/llama',
      'app --key-file /etc/key.pem --tokenizer org/llama',
    ],
    ['app --api-key --port 1', 'app --api-key --port 1'],
    [
      'vllm serve m --max-num-batched-tokens 8192 --max_num_tokens=8k',
      'vllm serve m --max-num-batched-tokens 8192 --max_num_tokens=8k',
    ],
    ['app --tokens abc --token 8192 --api-key 8192', 'app --tokens … --token … --api-key …'],
  ])('%s', (args, shown) => {
    expect(withoutSecrets(args)).toBe(shown);
  });

  it('are one bounded line, and no secret comes through wherever it stands', () => {
    const words = fc.array(fc.string({ maxLength: 30 }), { maxLength: 30 });
    fc.assert(
      fc.property(words, words, (before, after) => {
        const clean = before.map((word) => word.replace(/\s/g, ''));
        const shown = withoutSecrets([...clean, '--api-key', 'sEcReT-value', ...after].join(' '));
        expect(shown).not.toContain('sEcReT-value');
        expect(shown.length).toBeLessThanOrEqual(1000);
        expect(shown).not.toMatch(/\n/);
      }),
    );
  });
});
