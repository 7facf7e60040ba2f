import { hashOf } from '#common/place.ts';
import { serversOnGpu } from '#common/select/processes.ts';
import { Age } from '../components/Fact.tsx';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import css from './ServersOfGpu.module.css';
import { gpuWords } from './words.ts';

interface Props {
  readonly hostId: string;
  readonly index: number;
}

/** The model servers that hold a GPU: what they serve, whose they are, since when, and how they were started. */
export function ServersOfGpu({ hostId, index }: Props) {
  const words = useWords(gpuWords);
  const { servers } = useSnapshot();
  const here = serversOnGpu(servers, { id: hostId }, index);
  if (here.length === 0) return null;
  return (
    <ul aria-label={words.modelsOn(index)}>
      {here.map(({ id, models, process }) => (
        <li key={id} className={css.server}>
          <a className="cut" href={hashOf({ view: 'models', id })}>
            {models[0]?.id ?? id}
          </a>
          <span className="cut">{process?.user ?? words.unknownUser}</span>
          <span className="dim number">
            {process?.startedAt != null && <Age sinceMs={process.startedAt} />}
          </span>
          <span className="cut mono dim small" title={process?.args}>
            {process?.args}
          </span>
        </li>
      ))}
    </ul>
  );
}
