import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, memo, useCallback, useEffect, useRef } from 'react';
import type { LogLine } from '#common/diagnostics.ts';
import { preciseTime } from '../lib/format.ts';
import { useWords } from '../state/language.ts';
import css from './LogLines.module.css';
import { choose, chooseAll, type Selection, target, type Way } from './selection.ts';
import { diagnosticsWords } from './words.ts';

interface Props {
  readonly lines: readonly LogLine[];
  /** Whether the latest line is kept in view. */
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onCopy: () => void;
}

/** So near to the end counts as there, in pixels. */
const endPx = 24;

/** The lines that can be seen, as a list box: clicks and arrows select, with Shift a range, Ctrl+A all, Ctrl+C copies. */
export function LogLines({ lines, follow, onFollow, selection, onSelect, onCopy }: Props) {
  const words = useWords(diagnosticsWords);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 22,
    getItemKey: useCallback((index: number) => lines[index]?.number ?? index, [lines]),
    overscan: 10,
  });
  const last = lines.at(-1)?.number;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every new last line
  useEffect(() => {
    if (follow) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, last]);

  const pick = (line: number, way: Way) => {
    scroller.current?.focus({ preventScroll: true });
    onSelect(choose(selection, line, way, numbersOf(lines)));
  };
  const onKeyDown = logKeys({ lines, selection, onSelect, onCopy }, (line, way) => {
    pick(line, way);
    rows.scrollToIndex(numbersOf(lines).indexOf(line));
    if (line !== last) onFollow(false);
  });
  /** A reader who scrolls away from the end wants to read there, and one who comes back wants to go on. */
  const onScrolled = () =>
    requestAnimationFrame(() => {
      const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = scroller.current ?? {};
      onFollow(scrollHeight - clientHeight - scrollTop <= endPx);
    });

  return (
    <div
      ref={scroller}
      className={css.log}
      role="listbox"
      tabIndex={0}
      aria-label={words.lines}
      aria-multiselectable
      aria-activedescendant={selection.active === null ? undefined : `log-${selection.active}`}
      onKeyDown={onKeyDown}
      onWheel={onScrolled}
      onTouchMove={onScrolled}
      onPointerUp={onScrolled}
    >
      <div className={css.lines} role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return (
            line !== undefined && (
              <Line
                key={line.number}
                line={line}
                index={index}
                start={start}
                count={lines.length}
                selected={selection.chosen.has(line.number)}
                active={selection.active === line.number}
                measure={rows.measureElement}
                onPick={pick}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

const numbersOf = (lines: readonly LogLine[]): number[] => lines.map(({ number }) => number);

/** Arrows and the like move, with Shift a range; Ctrl+A and Ctrl+C as everywhere. */
function logKeys(
  { lines, selection, onSelect, onCopy }: Pick<Props, 'lines' | 'selection' | 'onSelect' | 'onCopy'>,
  onMove: (line: number, way: Way) => void,
) {
  return (event: KeyboardEvent): void => {
    const control = event.ctrlKey || event.metaKey;
    const shown = numbersOf(lines);
    const line = target(selection, event.key, shown);
    if (control && event.key === 'a') onSelect(chooseAll(selection, shown));
    else if (control && event.key === 'c' && String(window.getSelection()) === '') onCopy();
    else if (line !== undefined && !control) onMove(line, event.shiftKey ? 'through' : 'alone');
    else return;
    event.preventDefault();
  };
}

interface LineProps {
  readonly line: LogLine;
  readonly index: number;
  readonly start: number;
  readonly count: number;
  readonly selected: boolean;
  readonly active: boolean;
  readonly measure: (element: HTMLElement | null) => void;
  readonly onPick: (line: number, way: Way) => void;
}

const Line = memo(function Line({ line, index, start, count, selected, active, measure, onPick }: LineProps) {
  const words = useWords(diagnosticsWords);
  const { number, at, level, message } = line;
  const onClick = (event: MouseEvent) =>
    onPick(number, event.shiftKey ? 'through' : event.ctrlKey || event.metaKey ? 'beside' : 'alone');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box takes the keys
    <div
      ref={measure}
      id={`log-${number}`}
      role="option"
      tabIndex={-1}
      className={css.line}
      data-index={index}
      data-level={level}
      data-active={active}
      style={{ transform: `translateY(${start}px)` }}
      aria-selected={selected}
      aria-setsize={count}
      aria-posinset={index + 1}
      onClick={onClick}
    >
      <span className="dim">{preciseTime(at)}</span>
      <span className={css.level}>{words.levelNames[level]}</span>
      <span className={css.message}>{message}</span>
    </div>
  );
});
