import { useLayoutEffect, useRef } from 'react';
import type { Launch } from '#common/launches.ts';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import css from './LaunchLog.module.css';
import { useLaunchLog } from './use-launch-log.ts';
import { launchesWords } from './words.ts';

/** So near to the end counts as there, in pixels. */
const endPx = 24;

/** The end of the log as it grows, kept in view until the reader scrolls away from it. It is text of a host: never more than text. */
export function LaunchLog({ launch }: { readonly launch: Launch }) {
  const words = useWords(launchesWords);
  const actions = useActions();
  const { text, isAway } = useLaunchLog(launch);
  const pane = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every new line
  useLayoutEffect(() => {
    const { current } = pane;
    if (current !== null && follows.current) current.scrollTop = current.scrollHeight;
  }, [text]);
  return (
    <section className={css.log} aria-label={words.logOf(launch.name)}>
      <div className={css.head}>
        <h3 className={css.title}>{words.log}</h3>
        {text !== null && text !== '' && (
          <button
            type="button"
            className="button"
            aria-label={words.copyLog}
            onClick={() => void actions.copy(text, words.logText)}
          >
            <Icon name="copy" />
            {words.copyLog}
          </button>
        )}
      </div>
      <pre
        ref={pane}
        className={css.lines}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - clientHeight - scrollTop <= endPx;
        }}
      >
        {text === '' ? (isAway ? words.logAway : words.logEmpty) : text}
      </pre>
    </section>
  );
}
