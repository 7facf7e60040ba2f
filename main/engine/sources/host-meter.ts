/** The seam between what is known of hosts and where it comes from: a source measures one host at a time, in its own way. */

import type { AppError, ConnectStep } from '#common/failure.ts';
import type { Host, HostSystem } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';
import type { GpuReading } from '../probe/tools/gpu-reading.ts';
import type { Asking } from '../ssh/asking.ts';

/** What a host says of itself at one moment. */
export interface HostReading {
  /** By index. */
  readonly gpus: readonly GpuReading[];
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly system: HostSystem | null;
  /**
   * Why there are no GPUs (`no-gpu-tool`, `no-gpu-devices`) or, beside the ones that answered, why others did not. The host
   * itself is well.
   */
  readonly failure: AppError | null;
}

/** What is learnt of a host on the way to its measurements. */
export type HostFacts = Partial<Pick<Host, 'endpoint' | 'client' | 'forwarding'>>;

/** What a meter tells unasked. */
export interface MeterEvents {
  /** It has begun this step on the way to the host. */
  onStep(step: ConnectStep): void;
  onFacts(facts: HostFacts): void;
  /** The connection that it measured over has ended. */
  onLost(reason: AppError): void;
}

export interface ConnectQuery {
  readonly signal: AbortSignal;
  /** A person who waits for this connection and may be asked; absent: no one is asked. */
  readonly asking?: Asking;
}

export interface ReadQuery {
  readonly signal: AbortSignal;
  /** Also look at the processes of the GPUs; otherwise the known ones may stay. */
  readonly processes: boolean;
}

export interface ServersQuery {
  readonly signal: AbortSignal;
  /** Look for servers; otherwise only the known ones are asked how busy they are. */
  readonly find: boolean;
  /** Those that were found before. */
  readonly known: readonly ModelServer[];
}

/**
 * Measures one host: `connect`, then `read`, then `servers`, one after the other and never two at once. What goes wrong is an
 * AppError, whose code says what becomes of the host; a call whose signal has fired may end in any way.
 */
export interface HostMeter {
  /** Reaches the host, or finds that it is reached. An error counts for when the host is tried again, by all who want it. */
  connect(query: ConnectQuery): Promise<void>;
  read(query: ReadQuery): Promise<HostReading>;
  /** The model servers with their load, by port; the very array `known` where nothing has changed. */
  servers(query: ServersQuery): Promise<readonly ModelServer[]>;
  /** Whether the host is reached at the moment. */
  isConnected(): boolean;
  /** What shows the same in a terminal, for failures that name no command of their own; null where nothing does. */
  command(): string | null;
  /** Lets go of the host; calls under way end as `cancelled`, and nothing is reported any more. */
  close(): void;
}

/** Where measurements come from. */
export interface MeterSource {
  /** A meter for this host, which is opened without contacting anything; null where the host is another source's. */
  meter(hostId: HostId, events: MeterEvents): HostMeter | null;
}

/** The meter of the first source that has one for this host. */
export function openMeter(sources: readonly MeterSource[], hostId: HostId, events: MeterEvents): HostMeter {
  for (const source of sources) {
    const meter = source.meter(hostId, events);
    if (meter !== null) return meter;
  }
  throw new Error(`no source measures ${hostId}`);
}
