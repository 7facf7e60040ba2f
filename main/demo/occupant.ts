/** Who sits on the GPUs of a host: jobs that come and go, and the workers of model servers. */

import type { GpuModel, JobSpec, NotebookSpec } from './catalogue.ts';
import { createWalk, type Random } from './random.ts';
import type { ServerLoad } from './server-load.ts';

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

export function createServing(load: ServerLoad, gpu: GpuModel, random: Random): Occupant {
  const { spec } = load;
  const walk = createWalk(random, 0, 0.9, 2.2);
  const pid = newPid(random);
  const startedAt = -Math.round(random.between(3600, 400_000));
  const program = spec.gpus.length === 1 ? 'VLLM::EngineCore' : 'VLLM::Worker_TP';
  const name = (rank: number) => (spec.gpus.length === 1 ? program : `${program}${rank}`);
  const serve = `/opt/vllm/bin/python3 /opt/vllm/bin/vllm serve ${spec.model}`;
  const size = spec.gpus.length === 1 ? '' : ` --tensor-parallel-size ${spec.gpus.length}`;
  const processes: readonly ProcessTruth[] = [
    {
      pid,
      user: spec.user,
      program: 'vllm',
      args: `${serve}${size} --port ${spec.port} --max-model-len ${spec.maxModelLen}`,
      startedAt,
      gpu: null,
    },
    ...spec.gpus.map((index, rank) => ({
      pid: pid + 140 + rank,
      user: spec.user,
      program: name(rank),
      args: name(rank),
      startedAt: startedAt + 9,
      gpu: { index, memMiB: Math.round(gpu.memTotalMiB * 0.9) + random.whole(-200, 200) },
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
    processes: () => processes,
  };
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
