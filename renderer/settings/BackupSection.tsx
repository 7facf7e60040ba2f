import { type ChangeEvent, useRef, useState } from 'react';
import { mostSettingsLength } from '#common/bounds.ts';
import type { Problem } from '#common/failure.ts';
import { detailText } from '#common/words/details.ts';
import { SettingGroup, SettingRow } from '../fields/SettingRow.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { appSettingWords } from './app-words.ts';
import css from './BackupSection.module.css';

export function BackupSection() {
  const { bridge, actions } = useServices();
  const words = useWords(appSettingWords);
  return (
    <SettingGroup>
      <SettingRow label={words.exportSettings} help={words.exportSettingsHelp} button>
        {(control) => (
          <button
            {...control}
            type="button"
            className="button"
            onClick={() => void actions.saveFile(bridge.call('settings.export', {}))}
          >
            <Icon name="save" />
            {words.exportButton}
          </button>
        )}
      </SettingRow>
      <ImportRow />
      <SettingRow label={words.reset} help={words.resetHelp} button>
        {(control) => (
          <button {...control} type="button" className="button" onClick={() => void actions.resetSettings()}>
            {words.resetButton}
          </button>
        )}
      </SettingRow>
    </SettingGroup>
  );
}

function ImportRow() {
  const { actions } = useServices();
  const language = useLanguage();
  const words = useWords(appSettingWords);
  const picker = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    setError(null);
    setProblems([]);
    if (file === undefined) return;
    // A letter takes four bytes at most.
    const text = file.size > mostSettingsLength * 4 ? '' : await file.text();
    // The same file may be fixed and picked again.
    if (picker.current !== null) picker.current.value = '';
    if (file.size > 0 && (text === '' || text.length > mostSettingsLength)) setError(words.importTooLong);
    else setProblems((await actions.importSettings(text)) ?? []);
  };
  return (
    <>
      <SettingRow label={words.importSettings} help={words.importSettingsHelp} error={error} button>
        {(control) => (
          <>
            <button {...control} type="button" className="button" onClick={() => picker.current?.click()}>
              <Icon name="open" />
              {words.importButton}
            </button>
            <input
              ref={picker}
              type="file"
              accept=".json,application/json"
              hidden
              aria-label={words.importSettings}
              onChange={(event) => void take(event)}
            />
          </>
        )}
      </SettingRow>
      {problems.length > 0 && (
        <div className={css.importProblems} role="status">
          <p>{words.importProblems}:</p>
          <ul>
            {problems.map(({ detail }) => (
              <li key={detail} className="raw">
                {detailText(detail, language)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
