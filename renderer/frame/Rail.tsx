import type { View } from '#common/place.ts';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { keyboardWords } from '../keyboard/words.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { Live } from './Live.tsx';
import css from './Rail.module.css';
import { ThemeMenu } from './ThemeMenu.tsx';

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
    <nav className={css.rail} aria-label={words.viewsLabel}>
      <ul className={css.list}>
        {(Object.entries(icons) as [View, IconName][]).map(([name, icon]) => (
          <li key={name}>
            <a
              className={css.link}
              href={`#${name}`}
              title={words.views[name]}
              aria-current={name === view ? 'page' : undefined}
            >
              <Icon name={icon} />
              <span className={css.text}>{words.views[name]}</span>
            </a>
          </li>
        ))}
      </ul>
      <div className={css.foot}>
        <button type="button" className={css.link} title={sheet} aria-keyshortcuts="?" onClick={onKeyboard}>
          <Icon name="keyboard" />
          <span className={css.text}>{sheet}</span>
        </button>
        <Live>
          <ThemeMenu />
        </Live>
      </div>
    </nav>
  );
}
