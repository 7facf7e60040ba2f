/** Places of the window: its views and their rows. */

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
    // Typed by hand: taken literally.
    return text;
  }
}
