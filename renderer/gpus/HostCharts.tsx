import { useId, useMemo } from 'react';
import { columnName, type GpuMetric } from '#common/history.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import { Chart, type ChartSeries } from '../charts/Chart.tsx';
import { Charts } from '../charts/Charts.tsx';
import { useHistory } from '../charts/use-history.ts';
import { useFormats, useWords } from '../state/language.ts';
import { gpuWords } from './words.ts';

/** What each GPU of a host did over time. */
export function HostCharts({ host }: { readonly host: Host }) {
  const words = useWords(gpuWords);
  const { memory: memoryText, pct, whole } = useFormats();
  const history = useHistory(host.id, { hostId: host.id });
  const group = useId();
  const utilisation = useSeries(host.gpus, 'utilPct');
  const memory = useSeries(host.gpus, 'memUsedMiB');
  const largestMiB = host.gpus.reduce((most, { memTotalMiB }) => Math.max(most, memTotalMiB ?? 0), 0);
  return (
    <Charts label={words.historyOf(host.alias)} history={history}>
      <Chart
        title={words.utilisation}
        name={words.utilisationOf(host.alias)}
        history={history}
        series={utilisation}
        max={100}
        format={pct}
        formatAxis={pct}
        group={group}
      />
      <Chart
        title={words.memoryInGib}
        name={words.memoryUsedOf(host.alias)}
        history={history}
        series={memory}
        max={largestMiB === 0 ? null : Math.ceil(largestMiB / 1024) * 1024}
        axisUnit={1024}
        format={memoryText}
        formatAxis={(mib) => whole(mib / 1024)}
        group={group}
      />
    </Charts>
  );
}

/** One series per GPU; the same array until the GPUs are others, because a measurement makes new objects of the same GPUs. */
function useSeries(gpus: readonly Gpu[], metric: GpuMetric): readonly ChartSeries[] {
  const key = JSON.stringify(gpus.map(({ uuid, index }) => [uuid, index]));
  return useMemo(
    () =>
      (JSON.parse(key) as [string, number][]).map(([uuid, index]) => ({
        column: columnName(uuid, metric),
        label: `GPU ${index}`,
      })),
    [key, metric],
  );
}
