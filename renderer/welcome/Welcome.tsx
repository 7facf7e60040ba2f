import { useMemo, useState } from 'react';
import { readPattern } from '#common/host-pattern.ts';
import type { Host } from '#common/hosts.ts';
import { isUnlikelyGpuHost } from '#common/select/likely-hosts.ts';
import { HostChooser } from '../components/HostChooser.tsx';
import { HostPatternRow } from '../components/HostPatternRow.tsx';
import { LinkBanner } from '../frame/LinkBanner.tsx';
import { Problems } from '../frame/Problems.tsx';
import { useHostNames } from '../settings/use-names.ts';
import { useWords } from '../state/language.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './Welcome.module.css';
import { welcomeWords } from './words.ts';

/** What will be contacted, before anything is: the hosts of a person's own configuration wait for a yes. */
export function Welcome() {
  const actions = useActions();
  const words = useWords(welcomeWords);
  const { source, settings, hosts } = useSnapshot();
  const names = useHostNames();
  const { isUnlikely, lineOf } = useWhatHostsAre(hosts);
  const { isOn, onSwitch } = useChoice(settings.excludedHosts, isUnlikely);
  const [pattern, setPattern] = useState(settings.hostPattern);
  const regex = readPattern(pattern);
  const chosen = regex === null ? 0 : names.filter((name) => isOn(name) && regex.test(name)).length;
  const [beforePath, afterPath] = words.from;
  const promises = [
    [words.contacts, words.contact],
    [words.there, words.thereText],
    [words.leaves, words.leavesText],
  ] as const;
  return (
    <div className={css.welcome}>
      <LinkBanner />
      <Problems />
      <main className={css.page}>
        <h1 className={css.title}>{words.title}</h1>
        <dl className={css.promises}>
          {promises.map(([title, text]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        {source.kind === 'ssh-config' && (
          <p className={css.source}>
            {beforePath}
            <code>{source.path}</code>
            {afterPath}
          </p>
        )}
        <HostChooser names={names} isOn={isOn} isUnlikely={isUnlikely} lineOf={lineOf} onSwitch={onSwitch} />
        <HostPatternRow names={names} pattern={settings.hostPattern} onTyped={setPattern} />
        <div className={css.actions}>
          <button
            type="button"
            className="button button-accent"
            aria-disabled={chosen === 0}
            onClick={() => {
              if (chosen === 0) return;
              const excludedHosts = names.filter((name) => !isOn(name));
              void actions.changeSettings({ excludedHosts, hostPattern: pattern, welcomed: true });
            }}
          >
            {regex === null ? words.fixPattern : words.start(chosen)}
          </button>
          <p className="dim">{words.later}</p>
        </div>
        <Demo />
      </main>
    </div>
  );
}

function Demo() {
  const call = useCall();
  const words = useWords(welcomeWords);
  const open = async () => {
    const url = await call('app.openDemo', {});
    if (typeof url === 'string') window.location.assign(url);
  };
  return (
    <div className={css.demo}>
      <p className="dim">{words.demo}</p>
      <button type="button" className="button" onClick={() => void open()}>
        {words.openDemo}
      </button>
    </div>
  );
}

/** Where each host is, and whether it is one with GPUs at all, as far as the configuration says. */
function useWhatHostsAre(hosts: readonly Host[]) {
  return useMemo(() => {
    const endpoints = new Map(hosts.map(({ alias, endpoint }) => [alias, endpoint]));
    return {
      isUnlikely: (alias: string) => isUnlikelyGpuHost(alias, endpoints.get(alias) ?? null),
      lineOf: (alias: string) => {
        const endpoint = endpoints.get(alias);
        if (!endpoint) return '';
        return `${endpoint.user}@${endpoint.hostname}${endpoint.port === 22 ? '' : `:${endpoint.port}`}`;
      },
    };
  }, [hosts]);
}

/** Which hosts are on: those that the person has switched, as they were; of the others all that may have GPUs. */
function useChoice(excluded: readonly string[], isUnlikely: (alias: string) => boolean) {
  const [switched, setSwitched] = useState<ReadonlyMap<string, boolean>>(
    () => new Map(excluded.map((alias) => [alias, false])),
  );
  return {
    isOn: (alias: string) => switched.get(alias) ?? !isUnlikely(alias),
    onSwitch: (aliases: readonly string[], on: boolean) =>
      setSwitched(new Map([...switched, ...aliases.map((alias) => [alias, on] as const)])),
  };
}
