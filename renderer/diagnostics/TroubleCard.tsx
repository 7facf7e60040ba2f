import { memo } from 'react';
import type { Failure } from '#common/failure.ts';
import type { Host, HostState } from '#common/hosts.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Command } from '../components/Command.tsx';
import { Facts } from '../components/Fact.tsx';
import { StateMark } from '../components/StateMark.tsx';
import type { Mood } from '../lib/mood.ts';
import { HostActions } from '../prompts/HostActions.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useLook } from '../state/use-look.ts';
import { useNow } from '../state/use-now.ts';
import css from './TroubleCard.module.css';
import type { Trouble } from './troubles.ts';
import { diagnosticsWords } from './words.ts';

const moods: Readonly<Partial<Record<HostState['kind'], Mood>>> = {
  queued: 'waiting',
  connecting: 'waiting',
  stale: 'warning',
  throttled: 'warning',
  'auth-needed': 'locked',
  'hostkey-unknown': 'locked',
  'needs-job': 'locked',
  'no-gpu': 'unknown',
};

/** All that is known of what is wrong with a host. */
export const TroubleCard = memo(function TroubleCard({ trouble }: { readonly trouble: Trouble }) {
  const { host, failure } = trouble;
  useLook([host]);
  const language = useLanguage();
  const words = diagnosticsWords[language];
  const { title, hint } = errorWords(failure.code, language);
  return (
    <article className={css.trouble} aria-label={host.alias}>
      <header className={css.head}>
        <h2 className={`${css.name} cut`} title={host.alias}>
          {host.alias}
        </h2>
        <span className={css.actions}>
          <HostActions host={host} />
        </span>
      </header>
      <StateMark mood={moods[host.state.kind] ?? 'bad'} word={title} />
      <p className="dim">{hint}</p>
      {failure.detail !== '' && <p className="raw">{detailText(failure.detail, language)}</p>}
      {failure.command !== null && <Command text={failure.command} what={words.command} />}
      <Facts>
        <div>
          <dt>{words.step}</dt>
          <dd>
            {words.steps[failure.step]}
            {failure.hop !== undefined && words.hop(failure.hop)} <code className="dim">{failure.code}</code>
          </dd>
        </div>
        <div>
          <dt>{words.next}</dt>
          <dd>
            <Next trouble={trouble} />
          </dd>
        </div>
        <ConnectionFacts host={host} />
      </Facts>
    </article>
  );
});

function Next({ trouble: { failure, trying } }: { readonly trouble: Trouble }) {
  const words = useWords(diagnosticsWords);
  if (trying) return words.trying;
  return failure.nextAttemptAt === null ? words.nextNever : <Countdown atMs={failure.nextAttemptAt} />;
}

function Countdown({ atMs }: { readonly atMs: NonNullable<Failure['nextAttemptAt']> }) {
  const leftMs = atMs - useNow(true);
  const words = useWords(diagnosticsWords);
  const { age } = useFormats();
  return leftMs > 0 ? words.nextIn(age(leftMs)) : words.nextSoon;
}

function ConnectionFacts({ host: { endpoint, client, forwarding } }: { readonly host: Host }) {
  const words = useWords(diagnosticsWords);
  const facts = [
    [
      words.endpoint,
      endpoint === null ? words.noEndpoint : `${endpoint.user}@${endpoint.hostname}:${endpoint.port}`,
    ],
    [words.client, words.clients[client ?? 'none']],
    [words.forwarding, words.forwardings[forwarding]],
  ] as const;
  return facts.map(([name, text]) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  ));
}

/** A line of a host that is fine. */
export const HostFacts = memo(function HostFacts({ host }: { readonly host: Host }) {
  return (
    <div className={css.fineHost}>
      <span className="cut" title={host.alias}>
        {host.alias}
      </span>
      <Facts>
        <ConnectionFacts host={host} />
      </Facts>
    </div>
  );
});
