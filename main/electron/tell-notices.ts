import type { Language } from '#common/language.ts';
import { assertNever } from '#common/never.ts';
import { type Notice, placeOf } from '#common/notices.ts';
import type { Place } from '#common/place.ts';
import { noticeText } from '#common/words/notices.ts';
import type { Engine } from '#engine/engine.ts';
import type { Notifier } from './notifications.ts';

export interface TellNoticesDeps {
  readonly engine: Pick<Engine, 'snapshot' | 'subscribe'>;
  readonly notifier: Pick<Notifier, 'show'>;
  readonly language: () => Language;
  /** The place that the window shows while it has the focus; null while it has not. */
  readonly lookedAt: () => Place | null;
  readonly showWindow: (place: Place) => void;
}

/** Shows every notice that comes from now on once; a click opens the row it is about. Ends when the returned function is called. */
export function tellNotices(deps: TellNoticesDeps): () => void {
  const { engine, notifier, language, lookedAt, showWindow } = deps;
  let known = idsOf(engine.snapshot().notices);
  return engine.subscribe(({ notices }) => {
    if (notices === undefined) return;
    const fresh = notices.filter(({ id }) => !known.has(id));
    known = idsOf(notices);
    for (const notice of fresh) {
      if (isInSight(notice, lookedAt())) continue;
      const place = placeOf(notice);
      notifier.show(noticeText(notice, engine.snapshot(), language()), () => showWindow(place));
    }
  });
}

const idsOf = (notices: readonly Notice[]): ReadonlySet<string> => new Set(notices.map(({ id }) => id));

/**
 * Whether a person sees it happen anyway, because the window in front of them is on that very view. What a person waits
 * for (free GPUs, a model, a long queue) is always reported: its row may be far down, and a rule may tell only once.
 */
export function isInSight(notice: Notice, lookedAt: Place | null): boolean {
  switch (notice.kind) {
    case 'gpus-free':
    case 'model-up':
    case 'model-stuck':
    case 'queue-long':
    case 'launch-ready':
    case 'launch-failed':
      return false;
    case 'model-gone':
    case 'forward-lost':
    case 'forward-restored':
    case 'host-lost':
    case 'host-back':
      return lookedAt?.view === placeOf(notice).view;
    default:
      return assertNever(notice);
  }
}
