import { memo, useEffect, useId, useState } from 'react';
import type { Host } from '#common/model.ts';
import { failureOf } from '#common/select.ts';
import { FailureText } from '../components/FailureText.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { useVirtualRows } from '../components/virtual-rows.ts';
import { Icon } from '../icons/Icon.tsx';
import { hostLine } from '../lib/format.ts';
import { LogIn } from '../prompts/LogIn.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import { type Reveal, useReveal } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
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
    <section className="failed" aria-label={words.didNotAnswerLabel}>
      <button
        type="button"
        className="expander failed-title"
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        onClick={() => setChosen(!open)}
      >
        <Icon name="chevron" />
        {words.didNotAnswer(hosts.length)}
      </button>
      {open && <FailedList id={listId} hosts={hosts} reveal={reveal} />}
    </section>
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
  const nowMs = useNow(true);
  return (
    <ul id={id} {...virtual.bodyProps}>
      {virtual.rows.map(({ index, topPx }) => {
        const host = hosts[index];
        if (host === undefined) return null;
        const at = failureOf(host.state)?.nextAttemptAt ?? null;
        return (
          <FailedHost
            key={host.id}
            host={host}
            secondsLeft={at === null ? null : Math.ceil((at - nowMs) / 1000)}
            marked={marked === host.id}
            index={index}
            count={hosts.length}
            topPx={topPx}
            measureRef={virtual.measureRef}
          />
        );
      })}
    </ul>
  );
}

interface HostProps {
  readonly host: Host;
  /** Until it is tried again; null: nothing is tried by itself. */
  readonly secondsLeft: number | null;
  readonly marked: boolean;
  readonly index: number;
  readonly count: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

const FailedHost = memo(function FailedHost(props: HostProps) {
  const { host, secondsLeft, marked, index, count, topPx, measureRef } = props;
  const failure = failureOf(host.state);
  const language = useLanguage();
  const words = useWords(gpuWords);
  const { elapsed } = useFormats();
  return (
    <li
      ref={measureRef}
      className="failed-host"
      style={{ top: topPx }}
      data-index={index}
      data-key={host.id}
      data-marked={marked}
      aria-posinset={index + 1}
      aria-setsize={count}
    >
      <div>
        <p className="failed-name cut" title={host.alias}>
          {host.alias}
        </p>
        {secondsLeft !== null && (
          <p className="dim small">
            {secondsLeft > 0 ? words.nextTry(elapsed(secondsLeft * 1000)) : words.tryingSoon}
          </p>
        )}
      </div>
      {failure === null ? (
        <p className="dim">{hostLine(host, language)}</p>
      ) : (
        <FailureText failure={failure} />
      )}
      <div className="failed-actions">
        <LogIn host={host} />
        <TryAgain host={host} />
      </div>
    </li>
  );
});
