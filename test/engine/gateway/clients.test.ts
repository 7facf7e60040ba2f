/** The npm clients that people use, through the gateway to a model server behind a real sshd. */

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { embed, generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestGateway, type TestGateway } from '../../support/gateway.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';
import { reply, type StandInModel, standInModel } from '../../support/stand-in-model.ts';

const question = [{ role: 'user' as const, content: 'Tell me a joke' }];
const weather = {
  name: 'weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

describe.skipIf(!sshdAvailable())('through the gateway', () => {
  let sshd: Sshd;
  let model: StandInModel;
  let gateway: TestGateway;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  beforeEach(async () => {
    model = await standInModel({ models: ['org/m'] });
    gateway = await openTestGateway(sshd, [model.port]);
  });

  /** Answers with a stream that does not end. */
  const withoutEnd = (event: object) =>
    model.answer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const name = 'type' in event ? `event: ${event.type}\n` : '';
      response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
    });
  const isCut = () => expect.poll(() => model.seen.at(-1)?.cut, { timeout: 20_000 }).toBe(true);

  describe('OpenAI’s client', () => {
    let client: OpenAI;
    beforeEach(() => {
      client = new OpenAI({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
    });

    it('lists models, chats, calls tools and embeds', async () => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      expect(ids).toEqual(['org/m']);
      expect(await client.models.retrieve('org/m')).toMatchObject({ id: 'org/m', object: 'model' });
      const chat = await client.chat.completions.create({ model: 'org/m', messages: question });
      expect(chat.choices[0]?.message.content).toBe(reply);
      const called = await client.chat.completions.create({
        model: 'lab/org/m',
        messages: question,
        tools: [{ type: 'function', function: weather }],
      });
      expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'weather' } });
      const { data } = await client.embeddings.create({ model: 'org/m', input: 'x' });
      expect(data[0]?.embedding).toEqual([0.25, -1, 3]);
    });

    it('streams chats and responses', async () => {
      let text = '';
      for await (const { choices } of await client.chat.completions.create({
        model: 'org/m',
        messages: question,
        stream: true,
      }))
        text += choices[0]?.delta.content ?? '';
      expect(text).toBe(reply);
      text = '';
      for await (const event of await client.responses.create({ model: 'org/m', input: 'x', stream: true }))
        if (event.type === 'response.output_text.delta') text += event.delta;
      expect(text).toBe(reply);
      expect((await client.responses.create({ model: 'org/m', input: 'x' })).output_text).toBe(reply);
    });

    it('sends audio in a form', async () => {
      const file = new File([new Uint8Array(300_000).fill(7)], 'a.wav', { type: 'audio/wav' });
      const { text } = await client.audio.transcriptions.create({ model: 'lab/org/m', file });
      expect(text).toBe('Hello');
      expect(model.seen.at(-1)?.bytes).toBeGreaterThan(300_000);
    });

    it('hears of an error in its own words', async () => {
      const wrong = client.chat.completions.create({ model: 'org/n', messages: question });
      await expect(wrong).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
      const stranger = new OpenAI({ baseURL: gateway.url, apiKey: 'wrong', maxRetries: 0 });
      await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    });

    it('hears that a stream broke off, as an error', async () => {
      model.answer((request, response) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"index":0,"delta":{"content":"Half"}}]}\n\n', () =>
          response.destroy(),
        );
      });
      let text = '';
      const read = async (): Promise<void> => {
        for await (const { choices } of await client.chat.completions.create({
          model: 'org/m',
          messages: question,
          stream: true,
        }))
          text += choices[0]?.delta.content ?? '';
      };
      await expect(read()).rejects.toThrow(/lab:\d+ went away within its answer/);
      expect(text).toBe('Half');
    });

    it('gives up, and the model server sees it', async () => {
      withoutEnd({ choices: [{ index: 0, delta: { content: 'Once' } }] });
      const stream = await client.chat.completions.create({
        model: 'org/m',
        messages: question,
        stream: true,
      });
      for await (const _chunk of stream) break;
      await isCut();
      // Also before the first word.
      model.answer((request) => void request.resume());
      const controller = new AbortController();
      const asked = client.chat.completions.create(
        { model: 'org/m', messages: question },
        { signal: controller.signal },
      );
      asked.catch(() => undefined);
      await expect.poll(() => model.seen.length, { timeout: 20_000 }).toBe(2);
      controller.abort();
      await isCut();
    });
  });

  describe('Anthropic’s client', () => {
    let client: Anthropic;
    const asked = { model: 'org/m', max_tokens: 100, messages: question };
    beforeEach(() => {
      client = new Anthropic({ baseURL: gateway.url.replace('/v1', ''), apiKey: gateway.key, maxRetries: 0 });
    });

    it('lists models, asks, counts and streams', async () => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      expect(ids).toEqual(['org/m']);
      expect((await client.messages.create(asked)).content).toMatchObject([{ type: 'text', text: reply }]);
      expect(await client.messages.countTokens({ model: 'org/m', messages: question })).toMatchObject({
        input_tokens: 12,
      });
      expect(await client.messages.stream(asked).finalText()).toBe(reply);
      const log = gateway.engine.handlers['gateway.requests']({ after: 0 });
      expect(log).toContainEqual(
        expect.objectContaining({ path: '/v1/messages', tokensIn: 9, firstTokenMs: expect.any(Number) }),
      );
    });

    it('hears of errors in its own words, also within a stream', async () => {
      await expect(client.messages.create({ ...asked, model: 'org/n' })).rejects.toMatchObject({
        status: 404,
        error: { error: { type: 'not_found_error' } },
      });
      model.answer((request, response) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: ping\ndata: {"type":"ping"}\n\n', () => response.destroy());
      });
      await expect(client.messages.stream(asked).finalText()).rejects.toThrow(/went away within its answer/);
    });

    it('gives up, and the model server sees it', async () => {
      withoutEnd({ type: 'ping' });
      const stream = await client.messages.create({ ...asked, stream: true });
      stream.controller.abort();
      await isCut();
    });
  });

  describe('the AI SDK', () => {
    it('generates, streams, calls tools and embeds', async () => {
      const provider = createOpenAICompatible({ name: 'gateway', baseURL: gateway.url, apiKey: gateway.key });
      const chat = provider('org/m');
      expect((await generateText({ model: chat, prompt: 'x' })).text).toBe(reply);
      let text = '';
      for await (const piece of streamText({ model: chat, prompt: 'x' }).textStream) text += piece;
      expect(text).toBe(reply);
      const { toolCalls } = await generateText({
        model: chat,
        prompt: 'x',
        tools: {
          weather: tool({
            description: weather.description,
            inputSchema: jsonSchema(weather.parameters as never),
          }),
        },
      });
      expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Paris' } }]);
      const { embedding } = await embed({ model: provider.textEmbeddingModel('org/m'), value: 'x' });
      expect(embedding).toEqual([0.25, -1, 3]);
    });
  });
});
