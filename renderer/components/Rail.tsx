import type { View } from '#common/notices.ts';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { ThemeMenu } from './ThemeMenu.tsx';
import { frameWords } from './words.ts';

const icons: Readonly<Partial<Record<View, IconName>>> = {
  gpus: 'gpu',
  models: 'model',
  forwards: 'forward',
};

export function Rail({ view }: { readonly view: View }) {
  const words = useWords(frameWords);
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
      <ThemeMenu />
    </nav>
  );
}
