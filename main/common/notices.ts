/** What happened that somebody wants to hear of, and the rules that say so. */

import type { ForwardId } from './forwards.ts';
import type { HostId, ServerId } from './model.ts';

/** Something to tell once. Its words are made where it is shown, in the reader's language. */
export type Notice = News & {
  /** Unique while the engine lives; ascending. */
  readonly id: string;
  readonly at: number;
};

/** What has happened, of one kind. */
export type News =
  | { readonly kind: 'gpus-free'; readonly ruleId: string; readonly hosts: readonly FreeHost[] }
  | { readonly kind: 'model-up' | 'model-gone'; readonly models: readonly NamedModel[] }
  | { readonly kind: 'queue-long'; readonly models: readonly QueuedModel[] }
  | { readonly kind: 'forward-lost' | 'forward-restored'; readonly forwardIds: readonly ForwardId[] }
  | { readonly kind: 'host-lost' | 'host-back'; readonly hostIds: readonly HostId[] };

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

/** A row of the window; what a notification or a tray entry opens. */
export interface Place {
  readonly view: View;
  /** The host, server or forward to show. */
  readonly id?: string | undefined;
}

export const views = ['gpus', 'models', 'forwards', 'settings', 'diagnostics'] as const;
export type View = (typeof views)[number];

/** The part of the window's address that names a place: `#gpus/my-host`. */
export function hashOf({ view, id }: Place): string {
  return id === undefined ? `#${view}` : `#${view}/${encodeURIComponent(id)}`;
}

/** The place that such a part names; the first view where it names none. */
export function placeOfHash(hash: string): Place {
  const [name, id] = hash.slice(1).split('/', 2);
  const view = views.find((one) => one === name) ?? 'gpus';
  return id === undefined || id === '' ? { view } : { view, id: decode(id) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Typed by hand: taken as it stands.
    return text;
  }
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
    case 'queue-long':
      return { view: 'models', id: notice.models[0]?.serverId };
    case 'forward-lost':
    case 'forward-restored':
      return { view: 'forwards', id: notice.forwardIds[0] };
  }
}
