import { Icon, type IconName } from '../icons/Icon.tsx';
import { type View, views } from '../state/route.ts';
import { ThemeMenu } from './ThemeMenu.tsx';

const labels: Readonly<Record<View, { readonly text: string; readonly icon: IconName }>> = {
  gpus: { text: 'GPUs', icon: 'gpu' },
  models: { text: 'Models', icon: 'model' },
  forwards: { text: 'Forwards', icon: 'forward' },
};

export function Rail({ view }: { readonly view: View }) {
  return (
    <nav className="rail" aria-label="Views">
      <ul className="rail-list">
        {views.map((name) => (
          <li key={name}>
            <a
              className="rail-link"
              href={`#${name}`}
              title={labels[name].text}
              aria-current={name === view ? 'page' : undefined}
            >
              <Icon name={labels[name].icon} />
              <span className="rail-text">{labels[name].text}</span>
            </a>
          </li>
        ))}
      </ul>
      <ThemeMenu />
    </nav>
  );
}
