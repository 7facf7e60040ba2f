import type { Settings } from '#common/settings.ts';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { themes } from '../state/theme.ts';
import { MenuButton } from './MenuButton.tsx';
import { frameWords } from './words.ts';

const icons: Readonly<Record<Settings['theme'], IconName>> = { system: 'screen', light: 'sun', dark: 'moon' };

export function ThemeMenu() {
  const theme = useAppState(({ snapshot }) => snapshot?.settings.theme) ?? 'system';
  const actions = useActions();
  const words = useWords(frameWords);
  const entries = themes.map((name) => ({
    label: words.themes[name],
    checked: name === theme,
    onSelect: () => void actions.changeSettings({ theme: name }),
  }));
  return (
    <MenuButton className="rail-link" label={words.theme(words.themes[theme])} entries={entries}>
      <Icon name={icons[theme]} />
      <span className="rail-text">{words.theme(words.themes[theme].toLowerCase())}</span>
    </MenuButton>
  );
}
