/** Command lines for the clipboard. Names from outside are quoted, so that a pasted line does only what it shows. */

import { shellWord } from '#common/text.ts';

export function exportBaseUrl(baseUrl: string): string {
  return `export OPENAI_BASE_URL=${shellWord(baseUrl)}`;
}

/** A chat completion where the model is known, else the model list. */
export function curlCommand(baseUrl: string, modelId: string | null): string {
  if (modelId === null) return `curl ${shellWord(`${baseUrl}/models`)}`;
  const body = JSON.stringify({ model: modelId, messages: [{ role: 'user', content: 'Hello' }] });
  return [
    `curl ${shellWord(`${baseUrl}/chat/completions`)}`,
    `-H 'Content-Type: application/json'`,
    `-d ${shellWord(body)}`,
  ].join(' ');
}
