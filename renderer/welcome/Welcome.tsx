import { useState } from 'react';
import { readPattern } from '#common/settings-form.ts';
import { HostChooser } from '../components/HostChooser.tsx';
import { HostPatternRow } from '../components/HostPatternRow.tsx';
import { LinkBanner } from '../components/LinkBanner.tsx';
import { Problems } from '../components/Problems.tsx';
import { useHostNames } from '../settings/use-names.ts';
import { useWords } from '../state/language.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { welcomeWords } from './words.ts';

/** What will be contacted, before anything is: the hosts of a person's own configuration wait for a yes. */
export function Welcome() {
  const actions = useActions();
  const words = useWords(welcomeWords);
  const { source, settings } = useSnapshot();
  const names = useHostNames();
  const [off, setOff] = useState<ReadonlySet<string>>(() => new Set(settings.excludedHosts));
  const [pattern, setPattern] = useState(settings.hostPattern);
  const regex = readPattern(pattern);
  const chosen = regex === null ? 0 : names.filter((name) => !off.has(name) && regex.test(name)).length;
  const onSwitch = (aliases: readonly string[], on: boolean) => {
    const others = [...off].filter((alias) => !aliases.includes(alias));
    setOff(new Set(on ? others : [...others, ...aliases]));
  };
  const [beforePath, afterPath] = words.from;
  const [beforeDemo, afterDemo] = words.demo;
  const promises = [
    [words.contacts, words.contact],
    [words.there, words.thereText],
    [words.leaves, words.leavesText],
  ] as const;
  return (
    <div className="welcome">
      <LinkBanner />
      <Problems />
      <main className="welcome-page">
        <h1 className="welcome-title">{words.title}</h1>
        <dl className="welcome-promises">
          {promises.map(([title, text]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        {source.kind === 'ssh-config' && (
          <p className="welcome-source">
            {beforePath}
            <code>{source.path}</code>
            {afterPath}
          </p>
        )}
        <HostChooser names={names} isOn={(alias) => !off.has(alias)} lineOf={noLine} onSwitch={onSwitch} />
        <HostPatternRow names={names} pattern={settings.hostPattern} onTyped={setPattern} />
        <div className="welcome-actions">
          <button
            type="button"
            className="button button-accent"
            aria-disabled={chosen === 0}
            onClick={() => {
              if (chosen === 0) return;
              void actions.changeSettings({ excludedHosts: [...off], hostPattern: pattern, welcomed: true });
            }}
          >
            {words.start(chosen)}
          </button>
          <p className="dim">{words.later}</p>
        </div>
        <p className="dim">
          {beforeDemo}
          <code>npm run demo</code>
          {afterDemo}
        </p>
      </main>
    </div>
  );
}

const noLine = (): string => '';
