import type { Source } from '#common/model.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { gpuWords } from './words.ts';

const example = `Host gpu01
  HostName gpu01.example.org
  User me`;

export function NoHosts({ source }: { readonly source: Source }) {
  const actions = useActions();
  const words = useWords(gpuWords);
  const where = source.kind === 'demo' ? words.theDemo : source.path;
  return (
    <EmptyState
      title={words.noHostIn(where)}
      action={{ label: words.scanAgain, onClick: () => void actions.scan() }}
    >
      <p>{words.addHosts}</p>
      <pre className="example">{example}</pre>
    </EmptyState>
  );
}
