/** Who sits on the GPUs of a host: jobs that come and go, and the workers of model servers. */

import { playedEngines } from './engines/registry.ts';
import { createWalk, type Random } from './random.ts';
import type { ServerLoad } from './server-load.ts';
import type { GpuModel, JobSpec, NotebookSpec } from './specs.ts';

export interface ProcessTruth {
  readonly pid: number;
  readonly user: string;
  /** The executable, as nvidia-smi names it. */
  readonly program: string;
  readonly args: string;
  /** Seconds on the world's clock; before its beginning where negative. */
  readonly startedAt: number;
  /** Null: a process without GPU memory. */
  readonly gpu: { readonly index: number; readonly memMiB: number } | null;
}

export interface Occupant {
  /** `now` is the world's clock after the step. */
  advance(seconds: number, now: number): void;
  /** What it asks of one of its GPUs at this moment. */
  utilPct(): number;
  processes(): readonly ProcessTruth[];
}

// Above what a desktop hands out and below the pid_max of 64-bit Linux: never a process of this computer by chance.
const newPid = (random: Random): number => random.whole(2_600_000, 4_000_000);

export function createJob(spec: JobSpec, random: Random): Occupant {
  const walk = createWalk(random, spec.utilPct, 0.4, 1.6);
  const minutes = (range: readonly [number, number]) => random.between(range[0], range[1]) * 60;
  let util = spec.utilPct;
  let stallSeconds = 0;
  let phase = { running: true, left: minutes(spec.runMinutes) * random.next() };
  const launch = (startedAt: number): readonly ProcessTruth[] => {
    const pid = newPid(random);
    const memMiB = Math.round(spec.memMiB * random.between(0.97, 1.03));
    return spec.gpus.map((index, rank) => ({
      pid: pid + rank,
      user: spec.user,
      program: spec.program,
      args: spec.args,
      startedAt,
      gpu: { index, memMiB: memMiB + random.whole(-120, 120) },
    }));
  };
  let processes = launch(-Math.round(random.between(200, 20_000)));

  const changePhase = (now: number) => {
    if (phase.running && spec.pauseMinutes !== null) {
      phase = { running: false, left: minutes(spec.pauseMinutes) };
      processes = [];
      return;
    }
    phase = { running: true, left: minutes(spec.runMinutes) };
    if (processes.length === 0) processes = launch(now);
  };

  return {
    advance(seconds, now) {
      phase = { ...phase, left: phase.left - seconds };
      if (phase.left <= 0) changePhase(now);
      // Training stalls now and then while it writes a checkpoint or waits for data.
      stallSeconds -= seconds;
      if (stallSeconds <= 0 && random.next() < seconds / 80) stallSeconds = random.between(3, 9);
      util = walk.advance(seconds, stallSeconds > 0 ? spec.utilPct * 0.25 : spec.utilPct);
    },
    utilPct: () => (phase.running ? Math.min(100, Math.max(1, util)) : 0),
    processes: () => processes,
  };
}

export interface ServingOptions {
  /** Null on a host without any. */
  readonly gpu: GpuModel | null;
  readonly random: Random;
  /** On the world's clock; default: some time before its beginning. */
  readonly startedAt?: number;
}

/** The number of the first process that a model server starts for its GPUs, after its own. */
export const workersAfter = 140;

/** The processes of a model server: the one that listens, and those that hold its GPUs. */
export function createServing(load: ServerLoad, { gpu, random, ...options }: ServingOptions): Occupant {
  const { spec } = load;
  const walk = createWalk(random, 0, 0.9, 2.2);
  const pid = newPid(random);
  const before = -Math.round(random.between(3600, 400_000));
  const { startedAt = before } = options;
  const { listens, works } = playedEngines[spec.kind].commands(spec);
  const memMiB = (gpu?.memTotalMiB ?? 0) * 0.9;
  const processes: readonly ProcessTruth[] = [
    { pid, user: spec.user, ...listens, startedAt, gpu: null },
    ...spec.gpus.map((index, rank) => ({
      pid: pid + workersAfter + rank,
      user: spec.user,
      program: works(rank),
      args: works(rank),
      startedAt: startedAt + 9,
      gpu: { index, memMiB: Math.round(memMiB) + random.whole(-200, 200) },
    })),
  ];
  let util = 0;
  return {
    advance(seconds) {
      const busy = load.busy();
      // A decoding GPU is soon kept busy: half a batch already means about 80 %.
      util = busy === 0 ? 0 : walk.advance(seconds, 99 * (1 - Math.exp(-3.2 * busy)));
    },
    utilPct: () => Math.min(100, Math.max(0, util)),
    processes() {
      const phase = load.phase();
      if (phase === 'down') return [];
      // The weights of a sleeping server are in the host's memory; a context stays on the GPU.
      return phase === 'sleeping' ? processes.map(withContextOnly) : processes;
    },
  };
}

const contextMiB = 1450;

function withContextOnly(process: ProcessTruth): ProcessTruth {
  return process.gpu === null ? process : { ...process, gpu: { ...process.gpu, memMiB: contextMiB } };
}

export function createNotebook(spec: NotebookSpec, random: Random): Occupant {
  const process: ProcessTruth = {
    pid: newPid(random),
    user: spec.user,
    program: 'jupyter-lab',
    args: `/home/${spec.user}/venv/bin/python3 /home/${spec.user}/venv/bin/jupyter-lab --no-browser`,
    startedAt: -Math.round(random.between(3600, 400_000)),
    gpu: null,
  };
  return { advance: () => undefined, utilPct: () => 0, processes: () => [process] };
}
