/** All engines that are known, each an adapter of its own: a kind without one does not compile. */

import type { EngineKind } from '#common/servers.ts';
import type { Engine } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { lmStudio } from './lm-studio.ts';
import { nim } from './nim.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { sglang } from './sglang.ts';
import { tgi } from './tgi.ts';
import { trtllm } from './trtllm.ts';
import { vllm } from './vllm.ts';

export const engines: Readonly<Record<EngineKind, Engine>> = {
  vllm,
  sglang,
  tgi,
  trtllm,
  'llama.cpp': llamaCpp,
  ollama,
  lmstudio: lmStudio,
  nim,
  openai,
};

/** In the order in which they are tried. */
export const allEngines: readonly Engine[] = Object.values(engines);
