import { SelectRow } from '../fields/SelectRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { appSettingWords } from './app-words.ts';

export function AppearanceSection() {
  const actions = useActions();
  const words = useWords(appSettingWords);
  const { language, theme, contrast } = useSettings();
  return (
    <SettingGroup>
      <SelectRow
        label={words.language}
        value={language}
        choices={words.languages}
        onChange={(chosen) => void actions.changeSettings({ language: chosen })}
      />
      <SelectRow
        label={words.theme}
        value={theme}
        choices={words.themes}
        onChange={(chosen) => void actions.changeSettings({ theme: chosen })}
      />
      <SelectRow
        label={words.contrast}
        value={contrast}
        choices={words.contrasts}
        onChange={(chosen) => void actions.changeSettings({ contrast: chosen })}
      />
    </SettingGroup>
  );
}
