/** Forwards of others, ports of this computer and what they answer; the tests name only what matters to them. */

import { AppError } from '#common/errors.ts';
import type { ForeignForward } from '#common/forwards.ts';
import type { Findings, FoundForward } from '#engine/elsewhere/find.ts';
import type { LocalProcess } from '#engine/elsewhere/process-list.ts';
import type { PortAnswer } from '#engine/local/ask.ts';
import type { Candidate } from '#engine/models/candidates.ts';
import { aForeign, aServer } from '../../../samples.ts';

export const now = 1_800_000_000_000;

export function process(pid: number, args: string, fields: Partial<LocalProcess> = {}): LocalProcess {
  return { pid, parentPid: 1, startedAt: now - 3_600_000, args, ...fields };
}

export function foreign(fields: Partial<ForeignForward> = {}): ForeignForward {
  return {
    ...aForeign,
    id: 'ssh 42 16100',
    owner: { kind: 'ssh', pid: 42, command: 'ssh -N gpu1', startedAt: now - 3_600_000 },
    ...fields,
  };
}

export function found(fields: Partial<FoundForward> & Partial<ForeignForward> = {}): FoundForward {
  const {
    process: holder = process(42, 'ssh -N gpu1'),
    pids = new Set([42]),
    configured = false,
    ...rest
  } = fields;
  const { models: _models, state: _state, ...forward } = foreign(rest);
  return { forward, process: holder, pids, configured };
}

export function findings(fields: Partial<Findings> = {}): Findings {
  return { tmux: 'no-server', processes: 'available', forwards: [], list: [], ...fields };
}

export function candidate(port: number, fields: Partial<Candidate> = {}): Candidate {
  return { port, addresses: ['127.0.0.1'], expected: false, process: null, pid: null, ...fields };
}

export const answers = (id = 'org/model'): PortAnswer => ({
  kind: 'server',
  server: { ...aServer, hostId: '', models: [{ id, maxModelLen: null, parent: null }] },
});

/** What something else than a model server answers. */
export const page = {
  kind: 'no-models',
  error: new AppError('server-not-openai', { step: 'models', detail: 'status 404' }),
  closed: false,
} as const satisfies PortAnswer;
