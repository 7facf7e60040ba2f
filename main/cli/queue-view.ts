import { formatsOf } from '#common/format.ts';
import { countEn } from '#common/language.ts';
import { type QueueRow, queueRows } from '#common/select/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import { whyStuck } from '#common/words/states.ts';
import type { QueueGraphs } from './graphs.ts';
import { axisTop, sparkline } from './sparkline.ts';
import type { Cell, ColouredCell, TextStyle } from './table.ts';
import type { View } from './view.ts';
import { frameOfView, graphColumn } from './views.ts';

const formats = formatsOf('en');

/** One row per model, each graph on an axis that is the same for all rows: 0 to the number in its title. */
export function queuesView(snapshot: Snapshot, style: TextStyle, graphs: QueueGraphs | null): View {
  const drawn = [graphs?.waiting, graphs?.running, graphs?.rates].map((values) => ({
    values,
    top: axisTop([...(values?.values() ?? [])].flat()),
  }));
  const [waitingTop, runningTop, ratesTop] = drawn.map(({ top }) => formats.count(top));
  const rows = queueRows(snapshot).map((row) => ({
    cells: [
      ...queueCells(row),
      ...drawn.map(({ values, top }) => sparkline(values?.get(row.key) ?? [], top)),
    ],
  }));
  const silent = snapshot.servers.filter(
    ({ state, loads, models }) => state.kind !== 'lost' && loads.length === 0 && models.length > 0,
  ).length;
  return {
    ...frameOfView(snapshot, style, 'vllm-queue-top'),
    main: {
      columns: [
        { title: 'HOST', gives: 'name', enough: 20 },
        { title: 'PORT', align: 'right' },
        { title: 'MODEL', gives: 'name', enough: 30 },
        { title: 'RUN', align: 'right' },
        { title: 'WAIT', align: 'right' },
        { title: 'TOK/S IN', align: 'right', spare: 5 },
        { title: 'OUT', align: 'right' },
        { title: 'KV', align: 'right' },
        { title: 'TTFT', align: 'right', spare: 3 },
        { title: `WAIT 0-${waitingTop}`, ...graphColumn, spare: 4 },
        { title: `RUN 0-${runningTop}`, ...graphColumn, spare: 2 },
        { title: `OUT 0-${ratesTop}`, ...graphColumn, spare: 1 },
      ],
      rows,
      none: 'No server reports metrics.',
    },
    notes: [
      ...stuckNotes(snapshot),
      ...(silent > 0 ? [`${countEn(silent, 'server')} without metrics.`] : []),
    ],
  };
}

/** One line for each server that answers and does no work. */
function stuckNotes({ servers }: Snapshot): readonly string[] {
  return servers.flatMap(({ id, state }) =>
    state.kind === 'stuck' ? `${plainText(id, 80)} is stuck: ${whyStuck(state, Date.now(), 'en')}` : [],
  );
}

function queueCells({ alias, port, localPort, load, model }: QueueRow): readonly Cell[] {
  const { running, waiting, promptTokensPerSecond, generationTokensPerSecond, kvCachePct, ttft } = load;
  const number = (value: number | null, format: (value: number | null) => string): ColouredCell => ({
    text: format(value),
    value,
  });
  return [
    alias ?? { text: 'this computer', colour: 'dim' },
    localPort === null || (alias === null && localPort === port) ? String(port) : `${port}→${localPort}`,
    model ?? '',
    number(running, formats.count),
    { ...number(waiting, formats.count), ...((waiting ?? 0) > 0 && { colour: 'yellow' }) },
    number(promptTokensPerSecond, formats.count),
    number(generationTokensPerSecond, formats.count),
    number(kvCachePct, formats.pct),
    number(ttft?.p50Ms ?? null, formats.latency),
  ];
}
