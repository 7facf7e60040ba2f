import { type ComponentType, type ReactNode, Suspense, use } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { EmptyState } from './EmptyState.tsx';

const fetches: (() => Promise<void>)[] = [];

/**
 * A component that is not first on the screen: its script is fetched with {@link fetchParts}, or when it is shown before that.
 * `meanwhile` stands in the place of a view; a dialog has none.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile?: ReactNode,
): ComponentType<Props> {
  let part: ComponentType<Props> | undefined;
  let coming: Promise<void> | undefined;
  let shown: Promise<void> | undefined;
  const fetchPart = () =>
    load().then((loaded) => {
      part = loaded;
    });
  const fetchAhead = () => {
    coming ??= fetchPart();
    return coming;
  };
  const fetchShown = () => {
    shown ??= fetchAhead()
      // A browser ends what it loads when the network changes.
      .catch(fetchPart)
      // The app behind a page of the browser has ended.
      .catch(() => {
        part = meanwhile === undefined ? Nothing : NotLoaded;
      });
    return shown;
  };
  fetches.push(() => fetchAhead().catch(() => undefined));
  const Part = (props: Props) => {
    // What is there is shown at once: without a moment in which its place is empty.
    if (part === undefined) use(fetchShown());
    const Found = part ?? Nothing;
    return <Found {...props} />;
  };
  return (props) => (
    <Suspense fallback={meanwhile}>
      <Part {...props} />
    </Suspense>
  );
}

/** Fetches every part that was not needed yet, and those within them. Never rejects. */
export async function fetchParts(): Promise<void> {
  for (let fetched = 0; fetched < fetches.length; ) {
    const next = fetches.slice(fetched);
    fetched = fetches.length;
    await Promise.all(next.map((fetchPart) => fetchPart()));
  }
}

function Nothing() {
  return null;
}

function NotLoaded() {
  const words = useWords(frameWords);
  return (
    <EmptyState
      title={words.notLoaded}
      action={{ label: words.reload, onClick: () => window.location.reload() }}
    >
      <p>{words.notLoadedHint}</p>
    </EmptyState>
  );
}
