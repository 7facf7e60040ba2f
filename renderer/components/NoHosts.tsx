import { type Emptiness, emptinessOf } from '#common/select/emptiness.ts';
import { useWords } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { EmptyState } from './EmptyState.tsx';
import { emptyWords } from './empty-words.ts';
import css from './NoHosts.module.css';

const example = `Host gpu01
  HostName gpu01.example.org
  User me`;

/** Why there is nothing to show of any host, and the button that ends it. For a view that is empty while no host answers. */
export function NoHosts({ why }: { readonly why: Emptiness }) {
  const { source, excludedAliases, settings } = useSnapshot();
  const call = useCall();
  const words = useWords(emptyWords);
  const scan = (label: string) => ({ label, onClick: () => void call('scan.start', {}) });
  switch (why) {
    case 'all-off':
      return (
        <EmptyState
          title={words.allHostsOff(excludedAliases.length)}
          action={{
            label: words.chooseHosts,
            onClick: () => reveal({ view: 'settings', id: 'hosts' }),
          }}
        >
          <p>
            {settings.hostPattern === '' ? words.allHostsOffHint : words.noHostWanted(settings.hostPattern)}
          </p>
        </EmptyState>
      );
    case 'no-hosts':
      return (
        <EmptyState
          title={words.noHostIn(source.kind === 'demo' ? words.theDemo : source.path)}
          action={scan(words.scanAgain)}
        >
          <p>{words.addHosts}</p>
          <pre className={css.example}>{example}</pre>
        </EmptyState>
      );
    case 'no-answer':
      return (
        <EmptyState
          title={words.noHostAnswered}
          action={{ label: words.showHosts, onClick: () => reveal({ view: 'gpus' }) }}
        >
          <p>{words.noHostAnsweredHint}</p>
        </EmptyState>
      );
  }
}

/** {@link emptinessOf} the Snapshot that is shown. */
export function useEmptiness(): Emptiness | null {
  return emptinessOf(useSnapshot());
}
