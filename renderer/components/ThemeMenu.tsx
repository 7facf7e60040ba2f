import { Icon, type IconName } from '../icons/Icon.tsx';
import { type Theme, themes, useTheme } from '../state/theme.ts';
import { MenuButton } from './MenuButton.tsx';

const looks: Readonly<Record<Theme, { readonly text: string; readonly icon: IconName }>> = {
  system: { text: 'System', icon: 'screen' },
  light: { text: 'Light', icon: 'sun' },
  dark: { text: 'Dark', icon: 'moon' },
};

export function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  const entries = themes.map((name) => ({
    label: looks[name].text,
    checked: name === theme,
    onSelect: () => setTheme(name),
  }));
  return (
    <MenuButton className="rail-link" label={`Theme: ${looks[theme].text}`} entries={entries}>
      <Icon name={looks[theme].icon} />
      <span className="rail-text">{`Theme: ${looks[theme].text.toLowerCase()}`}</span>
    </MenuButton>
  );
}
