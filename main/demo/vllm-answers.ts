/** What vLLM's OpenAI-style server answers, as data. Shapes: vllm/entrypoints/openai (models, chat_completion, engine protocol). */

import type { ModelServerSpec } from './specs.ts';

export interface CompletionRequest {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number | null;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly body: object;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export function modelList(spec: ModelServerSpec, createdS: number, permissionId: () => string): object {
  const card = (id: string, root: string, parent: string | null, maxModelLen: number | null) => ({
    id,
    object: 'model',
    created: createdS,
    owned_by: 'vllm',
    root,
    parent,
    max_model_len: maxModelLen,
    permission: [
      {
        id: `modelperm-${permissionId()}`,
        object: 'model_permission',
        created: createdS,
        allow_create_engine: false,
        allow_sampling: true,
        allow_logprobs: true,
        allow_search_indices: false,
        allow_view: true,
        allow_fine_tuning: false,
        organization: '*',
        group: null,
        is_blocking: false,
      },
    ],
  });
  return {
    object: 'list',
    data: [
      card(spec.model, spec.model, null, spec.maxModelLen),
      ...spec.adapters.map((name) => card(name, `/data/adapters/${name}`, spec.model, null)),
    ],
  };
}

export function refusal(status: number, type: string, message: string, param: string | null = null): Refusal {
  return { status, body: { error: { message, type, param, code: status } } };
}

/** Reads the body of a chat or text completion as far as the demo answers it, or says what is wrong as vLLM does. */
export function readRequest(spec: ModelServerSpec, text: string, chat: boolean): CompletionRequest | Refusal {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refusal(
      400,
      'Bad Request',
      "[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]",
    );
  }
  if (!isRecord(body)) return invalid('body', 'Input should be a valid dictionary');
  const { model = spec.model, stream = false } = body;
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? null;
  const prompt = chat ? promptOf(body.messages) : body.prompt;
  if (typeof model !== 'string') return invalid('model', 'Input should be a valid string');
  if (typeof stream !== 'boolean') return invalid('stream', 'Input should be a valid boolean');
  if (typeof prompt !== 'string')
    return invalid(chat ? 'messages' : 'prompt', `Input should be a valid ${chat ? 'list' : 'string'}`);
  if (maxTokens !== null && !(typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens >= 1))
    return refusal(
      400,
      'BadRequestError',
      `max_tokens must be at least 1, got ${String(maxTokens)}.`,
      'max_tokens',
    );
  if (model !== spec.model && !spec.adapters.includes(model))
    return refusal(404, 'NotFoundError', `The model \`${model}\` does not exist.`, 'model');
  const options = body.stream_options;
  return {
    model,
    prompt,
    maxTokens,
    stream,
    includeUsage: isRecord(options) && options.include_usage === true,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (field: string, message: string): Refusal =>
  refusal(400, 'Bad Request', `[{'loc': ('body', '${field}'), 'msg': '${message}'}]`);

/** The text of all messages; undefined where they are not a list of messages with a role. */
function promptOf(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  if (!messages.every((message) => isRecord(message) && typeof message.role === 'string')) return undefined;
  return messages.map((message) => contentText(message.content)).join('\n');
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join(' ');
}

export interface AnswerFrame {
  readonly id: string;
  readonly createdS: number;
  readonly model: string;
  readonly chat: boolean;
}

type Finish = 'stop' | 'length' | null;

/** The first event of a streamed chat: who speaks, and nothing said yet. */
export function roleChunk(frame: AnswerFrame): object {
  return event(frame, [
    { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
  ]);
}

/** One more token; the last one carries the reason. */
export function textChunk(frame: AnswerFrame, text: string, finish: Finish): object {
  const said = frame.chat ? { delta: { content: text } } : { text };
  return event(frame, [
    { index: 0, ...said, logprobs: null, finish_reason: finish, ...(finish && { stop_reason: null }) },
  ]);
}

/** The event after the last token, where the client asked for it with `stream_options.include_usage`. */
export function usageChunk(frame: AnswerFrame, usage: Usage): object {
  return { ...event(frame, []), usage: usageOf(usage) };
}

const event = (frame: AnswerFrame, choices: readonly object[]) => ({
  id: frame.id,
  object: frame.chat ? 'chat.completion.chunk' : 'text_completion',
  created: frame.createdS,
  model: frame.model,
  choices,
});

export interface Answer {
  readonly text: string;
  readonly finish: Finish;
  readonly usage: Usage;
}

export function wholeAnswer(frame: AnswerFrame, { text, finish, usage }: Answer): object {
  const said = frame.chat
    ? {
        message: { role: 'assistant', content: text, refusal: null, tool_calls: [], reasoning_content: null },
      }
    : { text };
  return {
    id: frame.id,
    object: frame.chat ? 'chat.completion' : 'text_completion',
    created: frame.createdS,
    model: frame.model,
    choices: [{ index: 0, ...said, logprobs: null, finish_reason: finish, stop_reason: null }],
    usage: usageOf(usage),
  };
}

const usageOf = ({ promptTokens, completionTokens }: Usage) => ({
  prompt_tokens: promptTokens,
  total_tokens: promptTokens + completionTokens,
  completion_tokens: completionTokens,
  prompt_tokens_details: null,
});
