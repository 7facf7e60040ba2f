import { useId, useMemo } from 'react';
import { columnName, type LoadMetric } from '#common/history.ts';
import type { ModelServer } from '#common/servers.ts';
import { Chart, type ChartSeries } from '../charts/Chart.tsx';
import { Charts } from '../charts/Charts.tsx';
import { useHistory } from '../charts/use-history.ts';
import { useFormats, useWords } from '../state/language.ts';
import css from './ModelCharts.module.css';
import { modelWords } from './words.ts';

interface Props {
  readonly server: Pick<ModelServer, 'id' | 'hostId' | 'port'>;
  /** The model as requests name it. */
  readonly name: string;
  /** As the metrics name it. */
  readonly subject: string | null;
}

/** What a model did over time. */
export function ModelCharts({ server, name, subject }: Props) {
  const words = useWords(modelWords);
  const { count, latency, pct, whole } = useFormats();
  const history = useHistory(server.id, server);
  const group = useId();
  const series = useModelSeries(subject);
  const common = { history, group };
  const of = (title: string) => ({ title, name: words.chartOf(title, name) });
  return (
    <Charts label={words.history(name)} history={history} className={css.modelCharts}>
      <Chart
        {...of(words.chartRequests)}
        {...common}
        series={series.requests}
        max={null}
        format={count}
        formatAxis={count}
      />
      <Chart
        {...of(words.chartTokens)}
        {...common}
        series={series.tokens}
        max={null}
        format={count}
        formatAxis={count}
      />
      <Chart {...of(words.chartKv)} {...common} series={series.kv} max={100} format={pct} formatAxis={pct} />
      <Chart
        {...of(words.chartTtft)}
        {...common}
        series={series.ttft}
        max={null}
        format={latency}
        formatAxis={(ms) => (ms === 0 ? whole(0) : latency(ms))}
      />
    </Charts>
  );
}

/** The lines of each chart; the same arrays while the model and the language are the same. */
function useModelSeries(subject: string | null) {
  const words = useWords(modelWords);
  return useMemo(() => {
    const line = (metric: LoadMetric, label: string): ChartSeries => ({
      column: columnName(subject, metric),
      label,
    });
    return {
      requests: [line('running', words.running), line('waiting', words.waiting)],
      tokens: [line('promptTokensPerSecond', words.in), line('generationTokensPerSecond', words.out)],
      kv: [line('kvCachePct', words.inUse)],
      ttft: [line('ttftP50Ms', words.median)],
    };
  }, [subject, words]);
}
