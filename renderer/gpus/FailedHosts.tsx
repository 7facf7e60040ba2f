import { memo, useEffect, useId, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { FailureText } from '../components/FailureText.tsx';
import { SwitchOff } from '../components/SwitchOff.tsx';
import { Icon } from '../icons/Icon.tsx';
import { hostLine } from '../lib/format.ts';
import { useSameList } from '../lib/same-list.ts';
import { type Reveal, useReveal } from '../list/reveal.ts';
import { HostActions } from '../prompts/HostActions.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { useLook } from '../state/use-look.ts';
import { useHostSwitches } from '../state/use-switches.ts';
import { useRowMenu } from '../table/use-row-menu.tsx';
import { useVirtualRows } from '../table/virtual-rows.ts';
import css from './FailedHosts.module.css';
import { HostMenu } from './HostMenu.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly hosts: readonly Host[];
  /** Whether it is unfolded until the reader says otherwise. */
  readonly startOpen: boolean;
  readonly reveal: Reveal | null;
}

export function FailedHosts({ hosts, startOpen, reveal }: Props) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const listId = useId();
  const words = useWords(gpuWords);
  const open = chosen ?? startOpen;
  const isWanted = reveal !== null && hosts.some(({ id }) => id === reveal.id);
  useEffect(() => {
    if (isWanted) setChosen(true);
  }, [isWanted]);
  return (
    <section className={css.failed} aria-label={words.didNotAnswerLabel}>
      <div className={css.head}>
        <button
          type="button"
          className={`expander ${css.title}`}
          aria-expanded={open}
          aria-controls={open ? listId : undefined}
          onClick={() => setChosen(!open)}
        >
          <Icon name="chevron" />
          {words.didNotAnswer(hosts.length)}
        </button>
        {open && <AllOff hosts={hosts} />}
      </div>
      {open && <FailedList id={listId} hosts={hosts} reveal={reveal} />}
    </section>
  );
}

/** Contacts none of them any more, which can be taken back. */
function AllOff({ hosts }: Pick<Props, 'hosts'>) {
  const { onSwitch } = useHostSwitches();
  const words = useWords(gpuWords);
  return (
    <button
      type="button"
      className="button"
      onClick={() =>
        onSwitch(
          hosts.map(({ alias }) => alias),
          false,
        )
      }
    >
      {words.switchAllOff(hosts.length)}
    </button>
  );
}

interface ListProps extends Pick<Props, 'hosts' | 'reveal'> {
  readonly id: string;
}

const itemPx = 96;

function FailedList({ id, hosts, reveal }: ListProps) {
  const keys = useSameList(hosts.map((host) => host.id));
  const virtual = useVirtualRows({ keys, estimatePx: () => itemPx });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  useLook(hosts);
  const { onContextMenu, menu } = useRowMenu((key, place) => {
    const host = hosts.find((one) => one.id === key);
    return host !== undefined && <HostMenu host={host} place={place} />;
  });
  return (
    <>
      <ul id={id} {...virtual.bodyProps} onContextMenu={onContextMenu}>
        {virtual.rows.map(({ index, topPx }) => {
          const host = hosts[index];
          if (host === undefined) return null;
          return (
            <FailedHost
              key={host.id}
              host={host}
              marked={marked === host.id}
              index={index}
              count={hosts.length}
              topPx={topPx}
              measureRef={virtual.measureRef}
            />
          );
        })}
      </ul>
      {menu}
    </>
  );
}

interface HostProps {
  readonly host: Host;
  readonly marked: boolean;
  readonly index: number;
  readonly count: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

const FailedHost = memo(function FailedHost(props: HostProps) {
  const { host, marked, index, count, topPx, measureRef } = props;
  const failure = failureOf(host.state);
  const language = useLanguage();
  return (
    <li
      ref={measureRef}
      className={css.host}
      style={{ top: topPx }}
      data-index={index}
      data-key={host.id}
      data-marked={marked}
      aria-posinset={index + 1}
      aria-setsize={count}
    >
      <p className={`${css.name} cut`} title={host.alias}>
        {host.alias}
      </p>
      {failure === null ? (
        <p className="dim">{hostLine(host, language)}</p>
      ) : (
        <FailureText failure={failure} />
      )}
      <div className={css.actions}>
        <HostActions host={host} />
        <SwitchOff alias={host.alias} />
      </div>
    </li>
  );
});
