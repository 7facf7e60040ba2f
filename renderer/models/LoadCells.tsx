import { useEffect, useSyncExternalStore } from 'react';
import { columnName } from '#common/history.ts';
import type { ModelLoad, ServerId } from '#common/model.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { evenSteps } from '../charts/track.ts';
import { useTrack } from '../charts/use-track.ts';
import { roles } from '../components/table-roles.ts';
import { useFormats } from '../state/language.ts';
import type { SharedAxis } from './shared-axis.ts';

interface Props {
  readonly serverId: ServerId;
  /** Null where its server tells nothing of it. */
  readonly load: ModelLoad | null;
  readonly axis: SharedAxis;
}

/** How busy a model is: its own numbers, or dashes. */
export function LoadCells({ serverId, load, axis }: Props) {
  const { count, latency, pct } = useFormats();
  const waiting = load?.waiting ?? null;
  return (
    <>
      <td className="number wide-1" {...roles.cell}>
        {count(load?.running ?? null)}
      </td>
      <td
        className={waiting !== null && waiting > 0 ? 'number wide-1 strong' : 'number wide-1'}
        {...roles.cell}
      >
        {count(waiting)}
      </td>
      <td className="number wide-4" {...roles.cell}>
        {count(load?.promptTokensPerSecond ?? null)}
      </td>
      <td className="number rate wide-2" {...roles.cell}>
        <span className="rate-graph wide-3">
          {load !== null && <RateGraph serverId={serverId} model={load.model} axis={axis} />}
        </span>
        {count(load?.generationTokensPerSecond ?? null)}
      </td>
      <td className="number wide-3" {...roles.cell}>
        {pct(load?.kvCachePct ?? null)}
      </td>
      <td className="number wide-3" {...roles.cell}>
        {latency(load?.ttft?.p50Ms ?? null)}
      </td>
    </>
  );
}

const steps = { spanMs: 30 * 60_000, count: 60 };

interface RateGraphProps extends Pick<Props, 'serverId' | 'axis'> {
  /** As the metrics name it. */
  readonly model: string | null;
}

/** The tokens that it generated over the last half hour. */
function RateGraph({ serverId, model, axis }: RateGraphProps) {
  const track = useTrack(serverId, 'recent');
  const top = useSyncExternalStore(axis.subscribe, axis.top);
  const values = evenSteps(track, [columnName(model, 'generationTokensPerSecond')], steps);
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  useEffect(() => axis.reach(highest), [axis, highest]);
  return <Sparkline values={values} max={top} />;
}
