/** Programs of a few lines with the SDKs of OpenAI and Anthropic: they print an answer as it comes. Pure. */

import { type ClientText, lines, quoted, rootOf } from './client.ts';

/** https://github.com/openai/openai-python */
export const openaiPython: ClientText = {
  goes: { kind: 'program' },
  write: ({ url, key, model }) =>
    lines(
      'from openai import OpenAI',
      '',
      `client = OpenAI(base_url=${quoted(url)}, api_key=${quoted(key)})`,
      'stream = client.chat.completions.create(',
      `    model=${quoted(model)},`,
      '    messages=[{"role": "user", "content": "Hello"}],',
      '    stream=True,',
      ')',
      'for chunk in stream:',
      '    if chunk.choices:',
      '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
      'print()',
    ),
};

/** https://github.com/openai/openai-node */
export const openaiJs: ClientText = {
  goes: { kind: 'program' },
  write: ({ url, key, model }) =>
    lines(
      `import OpenAI from 'openai';`,
      '',
      `const client = new OpenAI({ baseURL: ${quoted(url)}, apiKey: ${quoted(key)} });`,
      'const stream = await client.chat.completions.create({',
      `  model: ${quoted(model)},`,
      `  messages: [{ role: 'user', content: 'Hello' }],`,
      '  stream: true,',
      '});',
      `for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');`,
      'console.log();',
    ),
};

/** https://github.com/anthropics/anthropic-sdk-python */
export const anthropicPython: ClientText = {
  goes: { kind: 'program' },
  write: (access) =>
    lines(
      'from anthropic import Anthropic',
      '',
      `client = Anthropic(base_url=${quoted(rootOf(access))}, api_key=${quoted(access.key)})`,
      'with client.messages.stream(',
      `    model=${quoted(access.model)},`,
      '    max_tokens=1024,',
      '    messages=[{"role": "user", "content": "Hello"}],',
      ') as stream:',
      '    for text in stream.text_stream:',
      '        print(text, end="", flush=True)',
      'print()',
    ),
};

/** https://github.com/anthropics/anthropic-sdk-typescript */
export const anthropicJs: ClientText = {
  goes: { kind: 'program' },
  write: (access) =>
    lines(
      `import Anthropic from '@anthropic-ai/sdk';`,
      '',
      `const client = new Anthropic({ baseURL: ${quoted(rootOf(access))}, apiKey: ${quoted(access.key)} });`,
      'const stream = client.messages.stream({',
      `  model: ${quoted(access.model)},`,
      '  max_tokens: 1024,',
      `  messages: [{ role: 'user', content: 'Hello' }],`,
      '});',
      `stream.on('text', (text) => process.stdout.write(text));`,
      'await stream.finalMessage();',
      'console.log();',
    ),
};
