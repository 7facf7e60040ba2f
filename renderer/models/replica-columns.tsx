import { lastPart } from '#common/cut.ts';
import { longQueue, requestsOf } from '#common/select/load.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { ModelName } from './columns.tsx';
import { ForwardBest } from './ForwardBest.tsx';
import { ForwardChip } from './ForwardChip.tsx';
import modelsViewCss from './ModelsView.module.css';
import { loadOfRow } from './model-groups.ts';
import type { Replicas } from './replicas.ts';
import { modelWords } from './words.ts';

/** One row per model, whatever number of servers it has. */
export const replicaTable: TableSpec<Replicas, TextKey<(typeof modelWords)['en']>> = {
  words: modelWords,
  name: 'replicas',
  keyOf: ({ key }) => key,
  sort: { key: 'servers', direction: 'descending' },
  columns: [
    {
      key: 'model',
      isHead: true,
      order: { value: ({ rows: [{ model }] }) => model?.id ?? null, first: 'ascending' },
      room: { least: 16, text: ({ rows: [{ model }] }) => lastPart(model?.id ?? '') },
      cell: ({ rows: [row] }, { language }) => <ModelName row={row} language={language} />,
      below: ({ rows, withoutQueue, waiting }, { language }) => (
        <span className="subline">
          {modelWords[language].replicas(rows.length, waiting === null ? null : withoutQueue)}
        </span>
      ),
    },
    {
      key: 'servers',
      align: 'end',
      fromRem: 60,
      order: { value: ({ rows }) => rows.length, first: 'descending' },
      room: { rem: 4.5 },
      cell: ({ rows }, { formats }) => formats.whole(rows.length),
    },
    {
      key: 'running',
      align: 'end',
      fromRem: 42,
      order: { value: ({ running }) => running, first: 'descending', isLive: true },
      room: { rem: 4.5 },
      cell: ({ running }, { formats }) => formats.count(running),
    },
    {
      key: 'waiting',
      align: 'end',
      fromRem: 42,
      order: { value: ({ waiting }) => waiting, first: 'descending', isLive: true },
      room: { rem: 4.5 },
      cell: ({ waiting }, { formats }) =>
        waiting ? (
          <b className={modelsViewCss.queue} data-long={waiting >= longQueue}>
            {formats.count(waiting)}
          </b>
        ) : (
          formats.count(waiting)
        ),
    },
    {
      key: 'tokensOut',
      hint: 'tokensOutSum',
      align: 'end',
      fromRem: 50,
      order: { value: ({ tokensOut }) => tokensOut, first: 'descending', isLive: true },
      room: { rem: 5.25 },
      cell: ({ tokensOut }, { formats }) => formats.count(tokensOut),
    },
    {
      key: 'forwarded',
      fromRem: 50,
      room: { rem: 11.5 },
      cell: ({ rows }, { language }) => {
        const [first, ...others] = rows.filter(({ forward }) => forward !== null);
        if (!first?.forward) return <span className="dim">–</span>;
        return (
          <>
            <ForwardChip forward={first.forward} modelId={first.model?.id ?? null} />
            {others.length > 0 && (
              <span className="dim small" title={modelWords[language].andMore(others.length)}>
                {` +${others.length}`}
              </span>
            )}
          </>
        );
      },
    },
    {
      key: 'leastBusy',
      fromRem: 32,
      under: 'model',
      room: { rem: 13 },
      cell: ({ best }) => <ForwardBest best={best} requests={best && requestsOfRow(best)} />,
    },
  ],
};

function requestsOfRow(row: NonNullable<Replicas['best']>): number | null {
  const load = loadOfRow(row);
  return load === null ? null : requestsOf(load);
}
