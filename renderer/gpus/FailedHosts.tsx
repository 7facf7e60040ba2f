import { memo, useId, useState } from 'react';
import type { Host } from '#common/model.ts';
import { failureOf } from '#common/select.ts';
import { FailureText } from '../components/FailureText.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { Icon } from '../icons/Icon.tsx';
import { hostLine } from '../lib/format.ts';
import { LogIn } from '../prompts/LogIn.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import { gpuWords } from './words.ts';

interface Props {
  readonly hosts: readonly Host[];
  /** Whether it is unfolded until the reader says otherwise. */
  readonly startOpen: boolean;
}

export function FailedHosts({ hosts, startOpen }: Props) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const listId = useId();
  const words = useWords(gpuWords);
  const open = chosen ?? startOpen;
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
      {open && (
        <ul className="failed-list" id={listId}>
          {hosts.map((host) => (
            <FailedHost key={host.id} host={host} />
          ))}
        </ul>
      )}
    </section>
  );
}

const FailedHost = memo(function FailedHost({ host }: { readonly host: Host }) {
  const failure = failureOf(host.state);
  const language = useLanguage();
  return (
    <li className="failed-host">
      <div>
        <p className="failed-name cut" title={host.alias}>
          {host.alias}
        </p>
        {failure !== null && failure.nextAttemptAt !== null && <NextAttempt atMs={failure.nextAttemptAt} />}
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

function NextAttempt({ atMs }: { readonly atMs: number }) {
  const leftMs = atMs - useNow(true);
  const words = useWords(gpuWords);
  const { elapsed } = useFormats();
  return <p className="dim small">{leftMs > 0 ? words.nextTry(elapsed(leftMs)) : words.tryingSoon}</p>;
}
