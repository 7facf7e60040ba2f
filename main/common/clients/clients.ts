/** The clients for which there is a text to copy. Pure. */

import type { ClientText } from './client.ts';
import { codex, continueDev, opencode } from './files.ts';
import { anthropicJs, anthropicPython, openaiJs, openaiPython } from './sdks.ts';
import { claudeCode, curl, openWebUi, variables } from './shell.ts';

/** In the order in which menus show them. */
export const clientIds = [
  'curl',
  'variables',
  'openai-python',
  'openai-js',
  'anthropic-python',
  'anthropic-js',
  'opencode',
  'codex',
  'claude-code',
  'continue',
  'open-webui',
] as const;
export type ClientId = (typeof clientIds)[number];

export const clients: Readonly<Record<ClientId, ClientText>> = {
  curl,
  variables,
  'openai-python': openaiPython,
  'openai-js': openaiJs,
  'anthropic-python': anthropicPython,
  'anthropic-js': anthropicJs,
  opencode,
  codex,
  'claude-code': claudeCode,
  continue: continueDev,
  'open-webui': openWebUi,
};
