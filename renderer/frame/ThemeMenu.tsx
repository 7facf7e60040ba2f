import type { Settings } from '#common/settings.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { themes } from '../state/theme.ts';
import css from './Rail.module.css';

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
    <MenuButton className={css.link} label={words.theme(words.themes[theme])} entries={entries}>
      <Icon name={icons[theme]} />
      <span className={css.text}>{words.theme(words.themes[theme].toLowerCase())}</span>
    </MenuButton>
  );
}
