import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useCallback, useId, useMemo, useRef, useState } from 'react';
import { Switch } from '../fields/Switch.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { FindField } from './FindField.tsx';
import { useRowPx } from './virtual-rows.ts';
import { frameWords } from './words.ts';

interface Props {
  readonly names: readonly string[];
  readonly isOn: (alias: string) => boolean;
  /** A quiet line below the name; empty: none. */
  readonly lineOf: (alias: string) => string;
  readonly onSwitch: (aliases: readonly string[], on: boolean) => void;
  /** What else a row has. */
  readonly more?: (alias: string) => ReactNode;
}

/** A list of hosts with a switch each, of which only the rows in view exist: there may be thousands. */
export function HostChooser({ names, isOn, onSwitch, ...rows }: Props) {
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
    <div className="chooser">
      <div className="chooser-head">
        <FindField label={words.findHost} text={filter} onChange={setFilter} />
        <p className="chooser-count" role="status">
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
        <p className="chooser-none dim">{names.length === 0 ? words.noHosts : words.noHostFound}</p>
      ) : (
        <Rows {...rows} names={found} isOn={isOn} onSwitch={onSwitch} />
      )}
    </div>
  );
}

function Rows({ names, isOn, lineOf, onSwitch, more }: Props) {
  const words = useWords(frameWords);
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = useRowPx();
  const rows = useVirtualizer({
    count: names.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: useCallback((index: number) => names[index] ?? index, [names]),
    overscan: 8,
  });
  return (
    <div className="chooser-list" ref={scroller}>
      <ul style={{ height: rows.getTotalSize() }} aria-label={words.hostList}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const alias = names[index] ?? '';
          return (
            <li
              key={alias}
              data-row
              className="chooser-row"
              style={{ transform: `translateY(${start}px)` }}
              aria-setsize={names.length}
              aria-posinset={index + 1}
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

interface HostSwitchProps {
  readonly alias: string;
  readonly line: string;
  readonly on: boolean;
  readonly onSwitch: Props['onSwitch'];
}

const HostSwitch = memo(function HostSwitch({ alias, line, on, onSwitch }: HostSwitchProps) {
  const id = useId();
  return (
    <label className="chooser-host" htmlFor={id}>
      <Switch id={id} on={on} onChange={(to) => onSwitch([alias], to)} />
      <span className="chooser-names">
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
