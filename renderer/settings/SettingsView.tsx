import { useEffect } from 'react';
import { hashOf } from '#common/place.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Select } from '../fields/SelectRow.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { reveal, useRevealed } from '../state/route.ts';
import { useAppState } from '../state/services.ts';
import { AboutSection } from './AboutSection.tsx';
import { AppearanceSection } from './AppearanceSection.tsx';
import { BackupSection } from './BackupSection.tsx';
import { DesktopSection } from './DesktopSection.tsx';
import { ForwardsSection } from './ForwardsSection.tsx';
import { GroupsSection } from './GroupsSection.tsx';
import { HistorySection } from './HistorySection.tsx';
import { HostsSection } from './HostsSection.tsx';
import { IdleSection } from './IdleSection.tsx';
import { NotificationsSection } from './NotificationsSection.tsx';
import { ScanningSection } from './ScanningSection.tsx';
import { ServersSection } from './ServersSection.tsx';
import css from './SettingsView.module.css';
import { SourcesSection } from './SourcesSection.tsx';
import { keepSection, type Section, sectionOf, sections } from './sections.ts';
import { settingsWords } from './words.ts';

const contents: Readonly<Record<Section, () => React.ReactNode>> = {
  hosts: HostsSection,
  groups: GroupsSection,
  sources: SourcesSection,
  scanning: ScanningSection,
  idle: IdleSection,
  servers: ServersSection,
  forwards: ForwardsSection,
  notifications: NotificationsSection,
  history: HistorySection,
  appearance: AppearanceSection,
  desktop: DesktopSection,
  backup: BackupSection,
  about: AboutSection,
};

/** Every setting; a change applies at once. One section at a time, which the address names. */
export function SettingsView() {
  const words = useWords(settingsWords);
  const section = sectionOf(useRevealed());
  useEffect(() => keepSection(section), [section]);
  const Content = contents[section];
  return (
    <div className={`view ${css.settings}`}>
      <h1 className="visually-hidden">{words.title}</h1>
      <nav className={css.nav} aria-label={words.section}>
        <ul>
          {sections.map((one) => (
            <li key={one}>
              <a
                className={css.link}
                href={hashOf({ view: 'settings', id: one })}
                aria-current={one === section ? 'true' : undefined}
              >
                {words.sections[one]}
              </a>
            </li>
          ))}
        </ul>
        <Select
          aria-label={words.section}
          value={section}
          choices={words.sections}
          onChange={(id) => reveal({ view: 'settings', id })}
        />
      </nav>
      <div>
        <SettingsProblems />
        <h2 className={css.title}>{words.sections[section]}</h2>
        <Content />
      </div>
    </div>
  );
}

/** What was not usable in the file; it stays here when the banner above has been put away. */
function SettingsProblems() {
  const problems = useAppState(({ snapshot }) => snapshot?.problems) ?? [];
  const language = useLanguage();
  const own = problems.filter(({ code }) => code === 'settings-broken');
  if (own.length === 0) return null;
  const { title, hint } = errorWords('settings-broken', language);
  return (
    <section className={css.problems} aria-label={settingsWords[language].problems}>
      <Icon name="warning" />
      <div>
        <p>{title}</p>
        <p className="dim">{hint}</p>
        <ul>
          {own.map(({ detail }) => (
            <li key={detail} className="raw">
              {detailText(detail, language)}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
