import { toFailure } from '#common/failure.ts';
import type { HostId, ServerId } from '#common/ids.ts';
import type { ModelServer, TestPrompt } from '#common/servers.ts';
import { serverOf } from '../listed.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Store } from '../store.ts';
import { streamChat } from './chat-stream.ts';

export interface TestPromptDeps {
  readonly store: Store;
  /** The host's connection, opened when there is none. */
  readonly transport: (hostId: HostId, signal: AbortSignal) => Promise<Transport>;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
}

export interface TestPromptRequest {
  readonly serverId: ServerId;
  readonly model: string;
  readonly prompt: string;
}

/** Prompts that a person sends to a model to see it answer. Their answers grow in the Snapshot. */
export interface TestPrompts {
  /** Begins, and answers with the id of the TestPrompt. Errors: `not-found`. */
  start(request: TestPromptRequest): string;
  /** Gives it up if it runs, else forgets it. */
  end(id: string): void;
  dispose(): void;
}

/** The latest ones are kept to be compared. */
const mostKept = 4;

export function createTestPrompts({ store, transport, apiKeyFor }: TestPromptDeps): TestPrompts {
  const running = new Map<string, AbortController>();
  let count = 0;

  const all = (): readonly TestPrompt[] => store.current().testPrompts;
  const set = (testPrompts: readonly TestPrompt[]): void =>
    store.apply({ kind: 'parts-changed', parts: { testPrompts } });
  const change = (id: string, fields: Partial<TestPrompt>): void =>
    set(all().map((one) => (one.id === id ? { ...one, ...fields } : one)));

  const ask = async (
    id: string,
    server: ModelServer,
    { model, prompt }: TestPromptRequest,
    signal: AbortSignal,
  ): Promise<void> => {
    const { hostId, address, port } = server;
    const beganAt = performance.now();
    let firstAt: number | null = null;
    let tokens = 0;
    let text = '';
    try {
      const open = await transport(hostId, signal);
      const stream = streamChat({
        open: () => open.stream(address, port, { signal }),
        server: { address, port, apiKey: apiKeyFor(server.id) },
        question: { model, prompt },
        signal,
      });
      for await (const piece of stream) {
        const now = performance.now();
        firstAt ??= now;
        tokens += 1;
        text += piece;
        const seconds = (now - firstAt) / 1000;
        change(id, {
          text,
          tokens,
          firstTokenMs: firstAt - beganAt,
          tokensPerSecond: tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : null,
        });
      }
      change(id, { state: { kind: 'done' } });
    } catch (error) {
      if (!signal.aborted) change(id, { state: { kind: 'failed', failure: toFailure(error, 'models') } });
    } finally {
      running.delete(id);
    }
  };

  const stop = (id: string): void => {
    running.get(id)?.abort();
    running.delete(id);
  };

  return {
    start(request) {
      const server = serverOf(store.current(), request.serverId);
      count += 1;
      const id = `test ${count}`;
      const controller = new AbortController();
      running.set(id, controller);
      const kept = all().slice(-(mostKept - 1));
      for (const { id: old } of all()) if (!kept.some((one) => one.id === old)) stop(old);
      const { serverId, model, prompt } = request;
      const begun: TestPrompt = {
        id,
        serverId,
        model,
        prompt,
        state: { kind: 'running' },
        text: '',
        firstTokenMs: null,
        tokensPerSecond: null,
        tokens: 0,
      };
      set([...kept, begun]);
      void ask(id, server, request, controller.signal);
      return id;
    },
    end(id) {
      const isRunning = running.has(id);
      stop(id);
      if (isRunning) change(id, { state: { kind: 'stopped' } });
      else set(all().filter((one) => one.id !== id));
    },
    dispose() {
      for (const controller of running.values()) controller.abort();
      running.clear();
    },
  };
}
