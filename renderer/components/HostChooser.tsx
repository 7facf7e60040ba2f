import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useCallback, useId, useMemo, useRef, useState } from 'react';
import { Switch } from '../fields/Switch.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useRowPx } from '../list/row-px.ts';
import { useFormats, useWords } from '../state/language.ts';
import { FindField } from './FindField.tsx';
import css from './HostChooser.module.css';

interface Props {
  readonly names: readonly string[];
  readonly isOn: (alias: string) => boolean;
  /** Those that stand apart, below the others. */
  readonly isUnlikely?: (alias: string) => boolean;
  /** A quiet line below the name; empty: none. */
  readonly lineOf: (alias: string) => string;
  readonly onSwitch: (aliases: readonly string[], on: boolean) => void;
  /** What else a row has. */
  readonly more?: (alias: string) => ReactNode;
}

/** A list of hosts with a switch each, of which only the rows in view exist: there may be thousands. */
export function HostChooser({ names, isOn, onSwitch, isUnlikely = never, ...rows }: Props) {
  const words = useWords(frameWords);
  const { whole } = useFormats();
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const found = useMemo(
    () => (wanted === '' ? names : names.filter((name) => name.toLowerCase().includes(wanted))),
    [names, wanted],
  );
  const on = names.filter(isOn).length;
  const all = (to: boolean) => () =>
    onSwitch(
      found.filter((alias) => isOn(alias) !== to),
      to,
    );
  return (
    <div className={css.chooser}>
      <div className={css.head}>
        <FindField label={words.findHost} text={filter} onChange={setFilter} />
        <p className={css.count} role="status">
          {words.hostsOn(whole(on), names.length)}
        </p>
        <button type="button" className="button" onClick={all(true)}>
          {wanted === '' ? words.allOn : words.foundOn}
        </button>
        <button type="button" className="button" onClick={all(false)}>
          {wanted === '' ? words.allOff : words.foundOff}
        </button>
      </div>
      {found.length === 0 ? (
        <p className={`${css.none} dim`}>{names.length === 0 ? words.noHosts : words.noHostFound}</p>
      ) : (
        <Rows {...rows} names={found} isUnlikely={isUnlikely} isOn={isOn} onSwitch={onSwitch} />
      )}
    </div>
  );
}

const never = (): boolean => false;

function Rows({ names, isOn, isUnlikely = never, lineOf, onSwitch, more }: Props) {
  const words = useWords(frameWords);
  const items = useMemo(() => inTwoParts(names, isUnlikely), [names, isUnlikely]);
  const part = items.indexOf(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = useRowPx();
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: useCallback((index: number) => items[index] ?? index, [items]),
    overscan: 8,
  });
  return (
    <div className={css.list} ref={scroller}>
      <ul style={{ height: rows.getTotalSize() }} aria-label={words.hostList}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const alias = items[index] ?? null;
          const style = { transform: `translateY(${start}px)` };
          if (alias === null)
            return (
              <li key="unlikely" className={`${css.row} ${css.part}`} style={style}>
                {words.unlikelyHosts(items.length - index - 1)}
              </li>
            );
          return (
            <li
              key={alias}
              data-row
              className={css.row}
              style={style}
              aria-setsize={names.length}
              aria-posinset={index + (part >= 0 && index > part ? 0 : 1)}
            >
              <HostSwitch alias={alias} line={lineOf(alias)} on={isOn(alias)} onSwitch={onSwitch} />
              {more?.(alias)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The likely hosts, then null for the heading and the others; no heading where there are none. */
function inTwoParts(
  names: readonly string[],
  isUnlikely: (alias: string) => boolean,
): readonly (string | null)[] {
  const unlikely = names.filter(isUnlikely);
  if (unlikely.length === 0) return names;
  return [...names.filter((name) => !isUnlikely(name)), null, ...unlikely];
}

interface HostSwitchProps {
  readonly alias: string;
  readonly line: string;
  readonly on: boolean;
  readonly onSwitch: Props['onSwitch'];
}

const HostSwitch = memo(function HostSwitch({ alias, line, on, onSwitch }: HostSwitchProps) {
  const id = useId();
  return (
    <label className={css.host} htmlFor={id}>
      <Switch id={id} on={on} onChange={(to) => onSwitch([alias], to)} />
      <span className={css.names}>
        <span className="cut" title={alias}>
          {alias}
        </span>
        {line !== '' && (
          <span className="subline cut" title={line}>
            {line}
          </span>
        )}
      </span>
    </label>
  );
});
