/** Events that a person wants to hear of, and the rules that select them. */

import type { ForwardId, HostId, ServerId } from './ids.ts';
import type { LaunchFailureKind, LaunchId } from './launches.ts';
import type { Place } from './place.ts';

/** Something to tell once. Its words are made where it is shown, in the reader's language. */
export type Notice = News & {
  /** Unique while the engine lives; ascending. */
  readonly id: string;
  readonly at: number;
};

/** What has happened, of one kind. */
export type News =
  | {
      readonly kind: 'gpus-free';
      readonly ruleId: string;
      /** Each has enough alone, or all have enough in total. */
      readonly counted: 'one-host' | 'in-total';
      readonly hosts: readonly FreeHost[];
    }
  | { readonly kind: 'model-up' | 'model-gone' | 'model-stuck'; readonly models: readonly NamedModel[] }
  | { readonly kind: 'queue-long'; readonly models: readonly QueuedModel[] }
  | { readonly kind: 'forward-lost' | 'forward-restored'; readonly forwardIds: readonly ForwardId[] }
  | { readonly kind: 'host-lost' | 'host-back'; readonly hostIds: readonly HostId[] }
  | { readonly kind: 'launch-ready'; readonly launches: readonly NamedLaunch[] }
  | { readonly kind: 'launch-failed'; readonly launches: readonly FailedLaunch[] };

export interface NamedLaunch {
  readonly launchId: LaunchId;
  readonly hostId: HostId;
  /** Its own name where the model is not known. */
  readonly model: string;
}

export interface FailedLaunch extends NamedLaunch {
  readonly failure: LaunchFailureKind;
}

export interface FreeHost {
  readonly hostId: HostId;
  readonly gpus: number;
}

export interface NamedModel {
  readonly serverId: ServerId;
  readonly model: string;
}

export interface QueuedModel extends NamedModel {
  readonly waiting: number;
}

/** The row that a notice is about. */
export function placeOf(notice: Notice): Place {
  switch (notice.kind) {
    case 'gpus-free':
      return { view: 'gpus', id: notice.hosts[0]?.hostId };
    case 'host-lost':
    case 'host-back':
      return { view: 'gpus', id: notice.hostIds[0] };
    case 'model-up':
    case 'model-gone':
    case 'model-stuck':
    case 'queue-long':
      return { view: 'models', id: notice.models[0]?.serverId };
    case 'forward-lost':
    case 'forward-restored':
      return { view: 'forwards', id: notice.forwardIds[0] };
    case 'launch-ready':
    case 'launch-failed':
      return { view: 'models', id: notice.launches[0]?.launchId };
  }
}
