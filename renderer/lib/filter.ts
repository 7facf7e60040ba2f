import type { Forward } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import type { Host, ModelServer } from '#common/model.ts';
import { failureOf } from '#common/select.ts';
import { hostLine } from './format.ts';

/** Whether every word of the filter occurs in some of the texts, whatever its case. An empty filter matches all. */
export type Matcher = (texts: readonly (string | null)[]) => boolean;

export function createMatcher(filter: string): Matcher {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (texts) => {
    if (words.length === 0) return true;
    const text = texts.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** What a host is found by: its names, state, GPUs, the people on it, and the models it serves. */
export function hostTexts(
  host: Host,
  models: readonly string[],
  language: Language,
): readonly (string | null)[] {
  return [
    host.alias,
    host.endpoint && `${host.endpoint.user}@${host.endpoint.hostname}`,
    host.state.kind,
    hostLine(host, language),
    failureOf(host.state)?.detail ?? null,
    ...host.gpus.map((gpu) => gpu.name),
    ...host.gpus.flatMap((gpu) => gpu.processes.flatMap((process) => [process.user, process.command])),
    ...models,
  ];
}

export function serverTexts(
  host: Host,
  server: ModelServer,
  modelId: string | null,
): readonly (string | null)[] {
  return [`${host.alias}:${server.port}`, server.engine, server.version, server.state.kind, modelId];
}

export function forwardTexts(forward: Forward, models: readonly string[]): readonly (string | null)[] {
  return [
    `${forward.hostId}:${forward.remotePort}`,
    forward.localPort === null ? null : `localhost:${forward.localPort}`,
    forward.state.kind,
    ...models,
  ];
}
