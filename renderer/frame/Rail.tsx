import type { View } from '#common/notices.ts';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { keyboardWords } from '../keyboard/words.ts';
import { useWords } from '../state/language.ts';
import { ThemeMenu } from './ThemeMenu.tsx';
import { frameWords } from './words.ts';

const icons: Readonly<Record<View, IconName>> = {
  gpus: 'gpu',
  models: 'model',
  forwards: 'forward',
  settings: 'settings',
  diagnostics: 'diagnostics',
};

interface Props {
  readonly view: View;
  readonly onKeyboard: () => void;
}

export function Rail({ view, onKeyboard }: Props) {
  const words = useWords(frameWords);
  const { sheet } = useWords(keyboardWords);
  return (
    <nav className="rail" aria-label={words.viewsLabel}>
      <ul className="rail-list">
        {(Object.entries(icons) as [View, IconName][]).map(([name, icon]) => (
          <li key={name}>
            <a
              className="rail-link"
              href={`#${name}`}
              title={words.views[name]}
              aria-current={name === view ? 'page' : undefined}
            >
              <Icon name={icon} />
              <span className="rail-text">{words.views[name]}</span>
            </a>
          </li>
        ))}
      </ul>
      <div className="rail-foot">
        <button type="button" className="rail-link" title={sheet} aria-keyshortcuts="?" onClick={onKeyboard}>
          <Icon name="keyboard" />
          <span className="rail-text">{sheet}</span>
        </button>
        <ThemeMenu />
      </div>
    </nav>
  );
}
