/** The simulated truth of the demo cluster: GPUs, processes and model servers whose load moves. Pure and repeatable. */

import { createJob, createNotebook, createServing, type Occupant, type ProcessTruth } from './occupant.ts';
import { createRandom, createWalk, partSeed, type Random } from './random.ts';
import { createServerLoad, type ServerLoad } from './server-load.ts';
import { type GpuModel, type HostSpec, type ModelServerSpec, type ServiceSpec, serverOf } from './specs.ts';
import { demoUser } from './ssh-files.ts';

export interface GpuTruth {
  readonly index: number;
  readonly uuid: string;
  readonly busId: string;
  readonly serial: string;
  readonly model: GpuModel;
  /** Null: the driver does not say (MIG). */
  readonly utilPct: number | null;
  readonly memUsedMiB: number;
  readonly temperatureC: number;
  readonly powerW: number;
  readonly clockMHz: number;
  /** Sensors of such a GPU answer "[GPU requires reset]". */
  readonly broken: boolean;
  readonly mig: readonly { readonly name: string; readonly uuid: string }[];
}

export interface ListenerTruth {
  /** As `ss` prints it, such as `0.0.0.0`, `[::]` or `127.0.0.53%lo`. */
  readonly bind: string;
  readonly port: number;
  /** Null where only root sees the owner. */
  readonly owner: { readonly program: string; readonly pid: number } | null;
}

export interface HostTruth {
  readonly spec: HostSpec;
  /** By remote port. */
  readonly loads: ReadonlyMap<number, ServerLoad>;
  listeners(): readonly ListenerTruth[];
  gpus(): readonly GpuTruth[];
  processes(): readonly ProcessTruth[];
  /** A model server that is started while the world runs: it holds its GPUs at once, and listens when it says so. */
  launch(what: Launched): LaunchedTruth;
}

/** What is started. */
export type Launched = Pick<ModelServerSpec, 'port' | 'model' | 'gpus'>;

export interface LaunchedTruth {
  readonly load: ServerLoad;
  listen(): void;
  end(): void;
}

export interface World {
  readonly hosts: readonly HostTruth[];
  /** Seconds since the world began. */
  now(): number;
  advance(seconds: number): void;
}

export function createWorld(hosts: readonly HostSpec[], seed: number): World {
  const all = hosts.map((spec) =>
    createHost(spec, (part) => createRandom(partSeed(seed, `${spec.alias} ${part}`))),
  );
  let now = 0;
  return {
    hosts: all,
    now: () => now,
    advance(seconds) {
      now += seconds;
      for (const host of all) host.advance(seconds, now);
    },
  };
}

interface Service {
  readonly bind: string;
  readonly port: number;
  readonly occupant: Occupant;
}

interface MovingHost extends HostTruth {
  advance(seconds: number, now: number): void;
}

function createHost(spec: HostSpec, randomOf: (part: string) => Random): MovingHost {
  const { gpu } = spec;
  const loads = new Map<number, ServerLoad>();
  const occupants: Occupant[] = [];
  const services: Service[] = [];
  const serve = ({ bind, port }: ServiceSpec, occupant: Occupant) => {
    occupants.push(occupant);
    services.push({ bind, port, occupant });
  };
  for (const service of spec.services) {
    if (service.kind === 'jupyter') {
      serve(service, createNotebook(service, randomOf('jupyter')));
    } else {
      const load = createServerLoad(service, randomOf(`load ${service.port}`));
      loads.set(service.port, load);
      serve(service, createServing(load, { gpu, random: randomOf(`serving ${service.port}`) }));
    }
  }
  for (const [index, job] of spec.jobs.entries()) occupants.push(createJob(job, randomOf(`job ${index}`)));
  const gpus =
    gpu === null
      ? []
      : indexes(spec.gpuCount).map((index) =>
          createGpu({ spec, model: gpu, index }, randomOf(`gpu ${index}`)),
        );
  let clock = 0;
  const processes = () => occupants.flatMap((occupant) => occupant.processes());

  const moveGpus = (seconds: number, now: number) => {
    for (const occupant of occupants) occupant.advance(seconds, now);
    const demands = occupants.map((one) => ({ utilPct: one.utilPct(), processes: one.processes() }));
    for (const [index, one] of gpus.entries()) {
      const here = demands.flatMap(({ utilPct, processes: theirs }) =>
        theirs.flatMap((process) =>
          process.gpu?.index === index ? { utilPct, memMiB: process.gpu.memMiB } : [],
        ),
      );
      one.advance(seconds, here);
    }
  };
  // Temperatures and clocks settle before anybody looks.
  for (let second = 0; second < 60; second += 1) moveGpus(1, 0);

  return {
    spec,
    loads,
    listeners: () => [...systemListeners, ...services.flatMap(listenerOf)],
    gpus: () => gpus.map((one) => one.read()),
    processes,
    launch(what) {
      const launchSpec = serverOf({
        ...what,
        user: demoUser,
        maxModelLen: 32_768,
        bind: '127.0.0.1',
        demand: 0,
      });
      const load = createServerLoad(launchSpec, randomOf(`launch ${what.port}`));
      const occupant = createServing(load, {
        gpu,
        random: randomOf(`launched ${what.port}`),
        startedAt: clock,
      });
      const service: Service = { bind: launchSpec.bind, port: what.port, occupant };
      occupants.push(occupant);
      return {
        load,
        listen() {
          loads.set(what.port, load);
          services.push(service);
        },
        end() {
          remove(occupants, occupant);
          remove(services, service);
          if (loads.get(what.port) === load) loads.delete(what.port);
        },
      };
    },
    advance(seconds, now) {
      clock = now;
      for (const load of loads.values()) load.advance(seconds);
      moveGpus(seconds, now);
    },
  };
}

function remove<Item>(list: Item[], item: Item): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** None while the service is down. */
function listenerOf({ bind, port, occupant }: Service): readonly ListenerTruth[] {
  const [first] = occupant.processes();
  return first === undefined ? [] : [{ bind, port, owner: { program: first.program, pid: first.pid } }];
}

const systemListeners: readonly ListenerTruth[] = [
  { bind: '0.0.0.0', port: 22, owner: null },
  { bind: '127.0.0.53%lo', port: 53, owner: null },
  { bind: '[::]', port: 22, owner: null },
  { bind: '*', port: 9100, owner: null },
];

const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

interface MovingGpu {
  read(): GpuTruth;
  advance(seconds: number, here: readonly { readonly utilPct: number; readonly memMiB: number }[]): void;
}

interface GpuPlace {
  readonly spec: HostSpec;
  readonly model: GpuModel;
  readonly index: number;
}

function createGpu({ spec, model, index }: GpuPlace, random: Random): MovingGpu {
  const ambientC = random.between(26, 33);
  const jitter = createWalk(random, 0, 0.8, 0.9);
  const temperature = createWalk(random, ambientC, 0.05, 0.12);
  const fixed = {
    index,
    uuid: `GPU-${uuid(random)}`,
    busId: `00000000:${(0x18 + index * 0x11).toString(16).toUpperCase().padStart(2, '0')}:00.0`,
    serial: `165${random.whole(1_000_000_000, 9_999_999_999)}`,
    model,
    broken: spec.brokenGpus.includes(index),
    mig: spec.mig.map((name) => ({ name, uuid: `MIG-${uuid(random)}` })),
  };
  let moving = { utilPct: 0, memUsedMiB: model.memIdleMiB, temperatureC: ambientC, powerW: model.idleW };
  return {
    read: () => ({
      ...fixed,
      utilPct: fixed.mig.length > 0 ? null : Math.round(moving.utilPct),
      memUsedMiB: moving.memUsedMiB,
      temperatureC: Math.round(moving.temperatureC),
      powerW: moving.powerW,
      clockMHz: moving.memUsedMiB > model.memIdleMiB ? model.maxClockMHz : model.idleClockMHz,
    }),
    advance(seconds, here) {
      const asked = here.reduce((sum, one) => sum + one.utilPct, 0);
      const noise = jitter.advance(seconds, 0);
      const utilPct = asked === 0 ? 0 : Math.min(100, Math.max(0, asked + noise));
      const share = utilPct / 100;
      moving = {
        utilPct,
        memUsedMiB: Math.min(
          model.memTotalMiB,
          model.memIdleMiB + here.reduce((sum, one) => sum + one.memMiB, 0),
        ),
        temperatureC: temperature.advance(seconds, ambientC + share * 36),
        powerW: Math.min(
          model.limitW,
          model.idleW * (1 + noise * 0.004) + (model.limitW - model.idleW) * share * 0.93,
        ),
      };
    },
  };
}

const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-');
