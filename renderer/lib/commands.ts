/** Command lines for the clipboard. Names from outside are quoted, so that a pasted line does only what it shows. */

import { shellWord } from '#common/text.ts';

/** For bash, zsh and fish. */
export function exportBaseUrl(baseUrl: string): string {
  return `export OPENAI_BASE_URL=${shellWord(baseUrl)}`;
}

/** For tcsh, which has no `export`. */
export function setenvBaseUrl(baseUrl: string): string {
  return `setenv OPENAI_BASE_URL ${shellWord(baseUrl)}`;
}

/** How a command asks: of which model, null where none is known, and with a key for a server that wants one. */
export interface Asking {
  readonly model: string | null;
  readonly needsKey: boolean;
}

/** A chat completion where the model is known, else the model list. The key is taken from where OpenAI's programs have it. */
export function curlCommand(baseUrl: string, { model, needsKey }: Asking): string {
  const key = needsKey ? ['-H "Authorization: Bearer $OPENAI_API_KEY"'] : [];
  if (model === null) return ['curl', shellWord(`${baseUrl}/models`), ...key].join(' ');
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  return [
    `curl ${shellWord(`${baseUrl}/chat/completions`)}`,
    `-H 'Content-Type: application/json'`,
    ...key,
    `-d ${shellWord(body)}`,
  ].join(' ');
}

/** A chat with OpenAI's client (https://github.com/openai/openai-python), which wants some key whether or not one is needed. */
export function pythonProgram(baseUrl: string, { model, needsKey }: Asking): string {
  const client = needsKey
    ? `client = OpenAI(base_url=${pythonText(baseUrl)})  # takes OPENAI_API_KEY`
    : `client = OpenAI(base_url=${pythonText(baseUrl)}, api_key="none")`;
  const use =
    model === null
      ? ['for model in client.models.list():', '    print(model.id)']
      : [
          'answer = client.chat.completions.create(',
          `    model=${pythonText(model)},`,
          '    messages=[{"role": "user", "content": "Hello"}],',
          ')',
          'print(answer.choices[0].message.content)',
        ];
  return ['from openai import OpenAI', '', client, ...use, ''].join('\n');
}

/** A JSON string is a Python string too. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
