/** The engines that the demo plays. */

import type { DemoEngine } from '../specs.ts';
import type { PlayedEngine } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { nim } from './nim.ts';
import { ollama } from './ollama.ts';
import { sglang } from './sglang.ts';
import { trtllm } from './trtllm.ts';
import { vllm } from './vllm.ts';

export const playedEngines: Readonly<Record<DemoEngine, PlayedEngine>> = {
  vllm,
  sglang,
  trtllm,
  'llama.cpp': llamaCpp,
  ollama,
  nim,
};
