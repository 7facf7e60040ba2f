import { Fragment } from 'react';
import { lastPart } from '#common/cut.ts';
import { columnName } from '#common/history.ts';
import type { Host, IdleRule } from '#common/hosts.ts';
import { hashOf } from '#common/place.ts';
import { type HostSummary, hostSummary, isUp } from '#common/select/hosts.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { useTrack } from '../charts/use-track.ts';
import { FavouriteStar } from '../components/Favourite.tsx';
import { Name } from '../components/Name.tsx';
import { gpuKinds, hostLine, longer } from '../lib/format.ts';
import type { ServedModel } from '../lib/models.ts';
import { evenSteps } from '../state/track.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { GpuStrip } from './GpuStrip.tsx';
import css from './GpusView.module.css';
import { HostMenu } from './HostMenu.tsx';
import { gpuWords } from './words.ts';

/** A host as its row shows it. */
export interface HostRow {
  readonly host: Host;
  readonly rule: IdleRule;
  readonly models: readonly ServedModel[];
  readonly summary: HostSummary;
  readonly isFavourite: boolean;
}

export interface HostRowOptions {
  readonly rule: IdleRule;
  readonly models: readonly ServedModel[];
  readonly isFavourite: boolean;
}

export function hostRow(host: Host, { rule, models, isFavourite }: HostRowOptions): HostRow {
  return { host, rule, models, isFavourite, summary: hostSummary(host, rule) };
}

/** Of a list that is cut the first name at least is seen. */
const longestModel = ({ models }: HostRow) => models.map(({ id }) => lastPart(id)).reduce(longer, '');
const everybody = ({ summary }: HostRow) => summary.users.join(', ');
/** Cells that need GPUs stay empty, and as wide as ever, while none are known. */
const isKnown = ({ summary }: HostRow) => summary.total > 0;

/** One row per host. */
export const hostTable: TableSpec<HostRow, TextKey<(typeof gpuWords)['en']>> = {
  words: gpuWords,
  name: 'gpus',
  keyOf: ({ host }) => host.id,
  hostOf: ({ host }) => host.id,
  sort: { key: 'free', direction: 'descending' },
  menu: ({ host }, place) => <HostMenu host={host} place={place} />,
  rowData: ({ host }) => ({ 'data-state': host.state.kind }),
  rowsAreAlike: true,
  columns: [
    {
      key: 'host',
      isHead: true,
      order: { value: ({ host }) => host.alias, first: 'ascending' },
      room: { least: 16, text: ({ host }) => longer(host.alias, gpuKinds(host)) },
      cell: ({ host, isFavourite }) => (
        <>
          {isFavourite && <FavouriteStar />}
          <Name name={host.alias} />
        </>
      ),
      below: ({ host }, { language }) => {
        const via = host.source.kind === 'prometheus' ? gpuWords[language].viaPrometheus : '';
        const line = [via, hostLine(host, language)].filter((part) => part !== '').join(' · ');
        return (
          <span className={`subline cut ${css.hostLine}`} title={line}>
            {line}
          </span>
        );
      },
    },
    {
      key: 'gpus',
      fromRem: 24,
      room: { rem: 9.5 },
      cell: (row) =>
        isKnown(row) && <GpuStrip gpus={row.host.gpus} rule={row.rule} current={isUp(row.host.state)} />,
    },
    {
      key: 'free',
      fromRem: 0,
      order: { value: ({ summary }) => summary.idle, first: 'descending' },
      room: { rem: 5.25 },
      tone: ({ host, summary: { idle } }) => (isUp(host.state) && idle > 0 ? css.free : `${css.notFree} dim`),
      cell: (row, { language }) =>
        isKnown(row) && (
          <>
            <b>{isUp(row.host.state) ? row.summary.idle : '–'}</b>
            {gpuWords[language].freeOf(row.summary.total)}
          </>
        ),
    },
    {
      key: 'utilisation',
      align: 'apart',
      fromRem: 33,
      order: { value: ({ summary }) => summary.meanUtilPct, first: 'ascending', isLive: true },
      room: { rem: 7.25 },
      cell: (row, { formats }) =>
        isKnown(row) && (
          <>
            <LoadGraph host={row.host} />
            {formats.pct(row.summary.meanUtilPct)}
          </>
        ),
    },
    {
      key: 'memory',
      align: 'end',
      fromRem: 43,
      order: { value: ({ summary }) => summary.memUsedMiB, first: 'ascending', isLive: true },
      room: { rem: 8.5 },
      cell: (row, { formats: { gib, memory } }) =>
        isKnown(row) && (
          <>
            {gib(row.summary.memUsedMiB)}
            <span className="dim">{` / ${memory(row.summary.memTotalMiB)}`}</span>
          </>
        ),
    },
    {
      key: 'temperature',
      align: 'end',
      fromRem: 48,
      order: { value: ({ summary }) => summary.maxTemperatureC, first: 'descending', isLive: true },
      room: { rem: 3.25 },
      cell: (row, { formats }) => isKnown(row) && formats.temperature(row.summary.maxTemperatureC),
    },
    {
      key: 'users',
      className: 'cut',
      fromRem: 62,
      order: { value: ({ summary }) => summary.users.length, first: 'descending' },
      room: { least: 8, text: everybody },
      cell: everybody,
      hover: everybody,
    },
    {
      key: 'models',
      className: 'cut',
      fromRem: 62,
      order: { value: ({ models }) => models.length, first: 'descending' },
      room: { least: 11, text: longestModel },
      hover: ({ models }) => models.map(({ id }) => id).join('\n'),
      cell: ({ models }) =>
        models.map(({ id, serverId }, at) => (
          <Fragment key={`${serverId} ${id}`}>
            {at > 0 && ', '}
            <a className={css.quietLink} href={hashOf({ view: 'models', id: serverId })}>
              {lastPart(id)}
            </a>
          </Fragment>
        )),
    },
  ],
};

const steps = { spanMs: 30 * 60_000, count: 60 };

/** The mean over the GPUs, on a fixed axis from 0 to 100. */
function LoadGraph({ host }: { readonly host: Host }) {
  const track = useTrack(host.id, 'recent');
  const columns = host.gpus.map(({ uuid }) => columnName(uuid, 'utilPct'));
  return <Sparkline values={evenSteps(track, columns, steps)} max={100} />;
}
