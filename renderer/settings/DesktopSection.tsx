import { SettingGroup } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { appSettingWords } from './app-words.ts';

export function DesktopSection() {
  const { actions, face } = useServices();
  const words = useWords(appSettingWords);
  const { startAtLogin, closeToTray, confirmQuit } = useSettings();
  const isBrowser = face === 'browser';
  return (
    <SettingGroup {...(isBrowser && { help: words.onlyDesktop })}>
      <SwitchRow
        label={words.startAtLogin}
        help={words.startAtLoginHelp}
        disabled={isBrowser}
        on={startAtLogin}
        onChange={(on) => void actions.changeSettings({ startAtLogin: on })}
      />
      <SwitchRow
        label={words.closeToTray}
        disabled={isBrowser}
        on={closeToTray}
        onChange={(on) => void actions.changeSettings({ closeToTray: on })}
      />
      <SwitchRow
        label={words.confirmQuit}
        disabled={isBrowser}
        on={confirmQuit}
        onChange={(on) => void actions.changeSettings({ confirmQuit: on })}
      />
    </SettingGroup>
  );
}
