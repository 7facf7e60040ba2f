import type { Source } from '#common/model.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { useActions } from '../state/services.ts';

const example = `Host gpu01
  HostName gpu01.example.org
  User me`;

export function NoHosts({ source }: { readonly source: Source }) {
  const actions = useActions();
  const where = source.kind === 'demo' ? 'the demo cluster' : source.path;
  return (
    <EmptyState
      title={`No host in ${where}`}
      action={{ label: 'Scan again', onClick: () => void actions.scan() }}
    >
      <p>Add a Host block for each GPU machine, then scan again:</p>
      <pre className="example">{example}</pre>
    </EmptyState>
  );
}
