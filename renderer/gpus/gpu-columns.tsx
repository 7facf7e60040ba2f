import { columnName } from '#common/history.ts';
import type { Gpu, IdleRule } from '#common/hosts.ts';
import type { Language } from '#common/language.ts';
import { gpuCondition } from '#common/select/gpus.ts';
import { detailText } from '#common/words/details.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { useTrack } from '../charts/use-track.ts';
import { StateMark } from '../components/StateMark.tsx';
import { shortGpuName } from '../lib/format.ts';
import { evenSteps } from '../state/track.ts';
import type { TableSpec, TextKey, Writing } from '../table/column.ts';
import css from './GpuTable.module.css';
import { Occupants } from './Occupants.tsx';
import { ServersOfGpu } from './ServersOfGpu.tsx';
import { gpuWords } from './words.ts';

/** A GPU as the details of its host show it. */
export interface GpuRow {
  readonly hostId: string;
  readonly gpu: Gpu;
  readonly rule: IdleRule;
  readonly measuredAt: number | null;
}

const moods = { idle: 'idle', busy: 'busy', unknown: 'unknown', problem: 'bad' } as const;

/** The GPUs of a host: a line for each, below it one for each process on it. */
export const gpuTable: TableSpec<GpuRow, TextKey<(typeof gpuWords)['en']>> = {
  words: gpuWords,
  name: 'gpus-of-host',
  keyOf: ({ gpu }) => gpu.uuid || String(gpu.index),
  columns: [
    {
      key: 'gpu',
      isHead: true,
      align: 'end',
      room: { rem: 1.75 },
      cell: ({ gpu }) => gpu.index,
    },
    {
      key: 'name',
      className: 'cut',
      fromRem: 46,
      room: { least: 12, text: ({ gpu }) => shortGpuName(gpu.name) },
      hover: ({ gpu }) => gpu.name,
      cell: ({ gpu }) => shortGpuName(gpu.name),
    },
    {
      key: 'state',
      room: { rem: 6.5 },
      cell: ({ gpu, rule }, { language }) => {
        const condition = gpuCondition(gpu, rule);
        return <StateMark mood={moods[condition]} word={gpuWords[language].conditions[condition]} />;
      },
    },
    {
      key: 'utilisation',
      align: 'apart',
      fromRem: 27,
      room: { rem: 7.25 },
      cell: ({ hostId, gpu }, { formats }) => (
        <>
          <LoadGraph hostId={hostId} gpu={gpu} />
          {formats.pct(gpu.utilPct)}
        </>
      ),
    },
    {
      key: 'memory',
      align: 'end',
      room: { rem: 8.5 },
      cell: ({ gpu }, { formats: { gib, memory } }) => (
        <>
          {gib(gpu.memUsedMiB)}
          <span className="dim">{` / ${memory(gpu.memTotalMiB)}`}</span>
        </>
      ),
    },
    {
      key: 'temperature',
      align: 'end',
      fromRem: 31,
      room: { rem: 3.25 },
      cell: ({ gpu }, { formats }) => formats.temperature(gpu.temperatureC),
    },
    {
      key: 'power',
      align: 'end',
      fromRem: 38,
      room: { rem: 6.5 },
      cell: ({ gpu }, { formats }) => formats.power(gpu.powerW, gpu.details.powerLimitW),
    },
    {
      key: 'warnings',
      room: { ownLine: true },
      cell: ({ gpu }, { language }) => (
        <>
          {gpu.problem !== null && (
            <span className="bad-text clamp" title={gpu.problem}>
              {gpu.problem}
            </span>
          )}
          {warningsOf(gpu, language).map((warning) => (
            <span key={warning} className={`${css.warningText} clamp`}>
              {warning}
            </span>
          ))}
        </>
      ),
    },
    {
      key: 'details',
      room: { ownLine: true },
      cell: ({ gpu }, writing) => (
        <span className="dim small clamp">{detailsOf(gpu, writing).join(' · ')}</span>
      ),
    },
    {
      key: 'processes',
      room: { ownLine: true },
      cell: ({ hostId, gpu, rule, measuredAt }) => (
        <>
          <ServersOfGpu hostId={hostId} index={gpu.index} />
          <Occupants gpu={gpu} rule={rule} measuredAt={measuredAt} />
        </>
      ),
    },
  ],
};

const steps = { spanMs: 30 * 60_000, count: 60 };

function LoadGraph({ hostId, gpu }: Pick<GpuRow, 'hostId' | 'gpu'>) {
  const track = useTrack(hostId, 'day');
  return <Sparkline values={evenSteps(track, [columnName(gpu.uuid, 'utilPct')], steps)} max={100} />;
}

/** What slows it down or harms it. */
function warningsOf(
  { details: { throttleReasons, eccUncorrected } }: Gpu,
  language: Language,
): readonly string[] {
  const words = gpuWords[language];
  const reasons = throttleReasons.map((reason) => detailText(reason, language));
  return [
    ...(throttleReasons.length > 0 ? [words.slowedBy(reasons.join(', '))] : []),
    ...((eccUncorrected ?? 0) > 0 ? [words.eccErrors(eccUncorrected ?? 0)] : []),
  ];
}

/** What is worth a word and no column, as far as it is known. */
function detailsOf({ details, unifiedMemory }: Gpu, { language, formats }: Writing): readonly string[] {
  const { pciBusId, smClockMHz, memClockMHz, fanPct, eccUncorrected } = details;
  const words = gpuWords[language];
  return [
    ...(pciBusId !== null ? [pciBusId] : []),
    ...(smClockMHz !== null ? [words.clock(formats.clockRate(smClockMHz))] : []),
    ...(memClockMHz !== null ? [words.memoryClock(formats.clockRate(memClockMHz))] : []),
    ...(fanPct !== null ? [words.fan(formats.pct(fanPct))] : []),
    ...(eccUncorrected === 0 ? [words.eccErrors(0)] : []),
    ...(unifiedMemory ? [words.unifiedMemory] : []),
  ];
}
