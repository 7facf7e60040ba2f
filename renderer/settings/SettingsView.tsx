import { hashOf } from '#common/notices.ts';
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
import { HistorySection } from './HistorySection.tsx';
import { HostsSection } from './HostsSection.tsx';
import { IdleSection } from './IdleSection.tsx';
import { NotificationsSection } from './NotificationsSection.tsx';
import { ScanningSection } from './ScanningSection.tsx';
import { ServersSection } from './ServersSection.tsx';
import { type Section, sections } from './sections.ts';
import { settingsWords } from './words.ts';

const contents: Readonly<Record<Section, () => React.ReactNode>> = {
  hosts: HostsSection,
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
  const revealed = useRevealed();
  const section = sections.find((one) => one === revealed) ?? 'hosts';
  const Content = contents[section];
  return (
    <div className="view settings">
      <h1 className="visually-hidden">{words.title}</h1>
      <nav className="settings-nav" aria-label={words.section}>
        <ul>
          {sections.map((one) => (
            <li key={one}>
              <a
                className="settings-link"
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
        <h2 className="settings-title">{words.sections[section]}</h2>
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
    <section className="settings-problems" aria-label={settingsWords[language].problems}>
      <Icon name="warning" />
      <div>
        <p>{title}</p>
        <p className="dim">{hint}</p>
        <ul>
          {own.map(({ detail }) => (
            <li key={detail} className="raw">
              {detail}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
