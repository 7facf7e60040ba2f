import { useEffect, useState } from 'react';
import type { About } from '#common/diagnostics.ts';
import { useWords } from '../state/language.ts';
import { useAppState, useServices } from '../state/services.ts';
import css from './AboutSection.module.css';
import { appSettingWords } from './app-words.ts';

export function AboutSection() {
  const about = useAbout();
  const source = useAppState(({ snapshot }) => snapshot?.source);
  const words = useWords(appSettingWords);
  const from = source?.kind === 'ssh-config' ? source.path : words.sourceDemo;
  const known = (text: string | null | undefined) =>
    text === undefined ? words.loading : (text ?? words.nowhere);
  const facts = [
    [words.version, known(about?.version)],
    [words.runtime, known(about?.runtime)],
    [words.platform, known(about?.platform)],
    [words.licence, words.licenceText],
    [words.source, from],
    [words.settingsFile, known(about?.settingsFile)],
    [words.historyFile, known(about?.historyFile)],
  ] as const;
  return (
    <dl className={css.about}>
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={css.text}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function useAbout(): About | undefined {
  const { bridge } = useServices();
  const [about, setAbout] = useState<About>();
  useEffect(() => {
    let gone = false;
    bridge.call('about.get', {}).then(
      (answer) => {
        if (!gone) setAbout(answer);
      },
      // The link is lost, which a banner tells; it is asked again when the section is opened.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [bridge]);
  return about;
}
