/** Forwards of others, ports of this computer and what they answer; the tests name only what matters to them. */

import { AppError } from '#common/failure.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { Candidate } from '#engine/models/candidates.ts';
import type { PortAnswer } from '#engine/this-computer/ask.ts';
import type { Findings, FoundForward } from '#engine/this-computer/find.ts';
import type { LocalProcess } from '#engine/this-computer/local-process.ts';
import { anOtherForward, aServer } from './samples.ts';

export const now = 1_800_000_000_000;

export function aProcess(pid: number, args: string, fields: Partial<LocalProcess> = {}): LocalProcess {
  return { pid, parentPid: 1, startedAt: now - 3_600_000, args, ...fields };
}

export function otherForward(fields: Partial<OtherForward> = {}): OtherForward {
  return {
    ...anOtherForward,
    id: 'ssh 42 16100',
    owner: { kind: 'ssh', pid: 42, command: 'ssh -N gpu1', startedAt: now - 3_600_000 },
    ...fields,
  };
}

export function found(fields: Partial<FoundForward> & Partial<OtherForward> = {}): FoundForward {
  const {
    process: holder = aProcess(42, 'ssh -N gpu1'),
    pids = new Set([42]),
    configured = false,
    ...rest
  } = fields;
  const { models: _models, state: _state, ...forward } = otherForward(rest);
  return { forward, process: holder, pids, configured };
}

export function findings(fields: Partial<Findings> = {}): Findings {
  return {
    tmux: 'no-server',
    processes: 'available',
    forwards: [],
    list: [],
    sessions: new Map(),
    ...fields,
  };
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
