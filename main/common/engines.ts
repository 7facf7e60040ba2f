/** What every face must know of the kinds of model servers. How they are recognised and read is the engine's. Pure. */

import type { EngineKind } from './servers.ts';

interface EngineFacts {
  /** The name of the program; null: no known one. */
  readonly title: string | null;
  /** Whether it serves Swagger UI at `/docs`, as those built with FastAPI or utoipa do. */
  readonly hasApiPages: boolean;
}

export const engineFacts: Readonly<Record<EngineKind, EngineFacts>> = {
  vllm: { title: 'vLLM', hasApiPages: true },
  sglang: { title: 'SGLang', hasApiPages: true },
  tgi: { title: 'TGI', hasApiPages: true },
  trtllm: { title: 'TensorRT-LLM', hasApiPages: true },
  'llama.cpp': { title: 'llama.cpp', hasApiPages: false },
  ollama: { title: 'Ollama', hasApiPages: false },
  lmstudio: { title: 'LM Studio', hasApiPages: false },
  nim: { title: 'NVIDIA NIM', hasApiPages: true },
  openai: { title: null, hasApiPages: false },
};
