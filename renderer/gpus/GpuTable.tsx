import { memo } from 'react';
import type { Formats } from '#common/format.ts';
import { columnName } from '#common/history.ts';
import type { Gpu, Host, IdleRule } from '#common/model.ts';
import { gpuCondition } from '#common/select.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { evenSteps } from '../charts/track.ts';
import { useTrack } from '../charts/use-track.ts';
import { StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { shortGpuName } from '../lib/format.ts';
import { useFormats, useWords } from '../state/language.ts';
import { Occupants } from './Occupants.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
}

/** Every GPU of a host with all that is known of it, in two lines. */
export function GpuTable({ host, rule }: Props) {
  const words = useWords(gpuWords);
  return (
    <div className="gpu-table-place">
      <table className="gpu-table" {...roles.table}>
        <caption className="visually-hidden">{words.gpusOf(host.alias)}</caption>
        <thead {...roles.group}>
          <tr {...roles.row}>
            <th scope="col" className="number" {...roles.columnHeader}>
              {words.gpu}
            </th>
            <th scope="col" className="gpu-name" {...roles.columnHeader}>
              {words.name}
            </th>
            <th scope="col" {...roles.columnHeader}>
              {words.state}
            </th>
            <th scope="col" className="number" {...roles.columnHeader}>
              {words.utilisation}
            </th>
            <th scope="col" className="number" {...roles.columnHeader}>
              {words.memory}
            </th>
            <th scope="col" className="number" {...roles.columnHeader}>
              {words.temperature}
            </th>
            <th scope="col" className="number gpu-power" {...roles.columnHeader}>
              {words.power}
            </th>
            <th scope="col" className="visually-hidden" {...roles.columnHeader}>
              {words.details}
            </th>
            <th scope="col" className="gpu-occupants" {...roles.columnHeader}>
              {words.processes}
            </th>
          </tr>
        </thead>
        <tbody {...roles.group}>
          {host.gpus.map((gpu) => (
            <GpuRow
              key={gpu.uuid || gpu.index}
              hostId={host.id}
              gpu={gpu}
              rule={rule}
              measuredAt={host.measuredAt}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const moods = { idle: 'idle', busy: 'busy', unknown: 'unknown', problem: 'bad' } as const;
const steps = { spanMs: 30 * 60_000, count: 60 };

interface RowProps {
  readonly hostId: string;
  readonly gpu: Gpu;
  readonly rule: IdleRule;
  readonly measuredAt: number | null;
}

const GpuRow = memo(function GpuRow({ hostId, gpu, rule, measuredAt }: RowProps) {
  const words = useWords(gpuWords);
  const formats = useFormats();
  const { gib, pct, temperature } = formats;
  const track = useTrack(hostId, 'day');
  const condition = gpuCondition(gpu, rule);
  return (
    <tr {...roles.row}>
      <th scope="row" className="number" {...roles.rowHeader}>
        {gpu.index}
      </th>
      <td className="gpu-name cut" title={gpu.name} {...roles.cell}>
        {shortGpuName(gpu.name)}
      </td>
      <td {...roles.cell}>
        <StateMark mood={moods[condition]} word={words.conditions[condition]} />
      </td>
      <td className="number load" {...roles.cell}>
        <Sparkline values={evenSteps(track, [columnName(gpu.uuid, 'utilPct')], steps)} max={100} />
        {pct(gpu.utilPct)}
      </td>
      <td className="number" {...roles.cell}>
        {gib(gpu.memUsedMiB)}
        <span className="dim">{` / ${gib(gpu.memTotalMiB)} GiB`}</span>
      </td>
      <td className="number" {...roles.cell}>
        {temperature(gpu.temperatureC)}
      </td>
      <td className="number gpu-power" {...roles.cell}>
        {powerOf(gpu, formats)}
      </td>
      <td className="gpu-details" {...roles.cell}>
        {gpu.problem !== null && (
          <span className="bad-text clamp" title={gpu.problem}>
            {gpu.problem}
          </span>
        )}
        {warningsOf(gpu, words).map((warning) => (
          <span key={warning} className="warning-text clamp">
            {warning}
          </span>
        ))}
        <span className="clamp">{detailsOf(gpu, words, formats).join(' · ')}</span>
      </td>
      <td className="gpu-occupants" {...roles.cell}>
        <Occupants gpu={gpu} rule={rule} measuredAt={measuredAt} />
      </td>
    </tr>
  );
});

/** `563 / 700 W`. */
function powerOf({ powerW, details: { powerLimitW } }: Gpu, { whole }: Formats): string {
  if (powerW === null) return '–';
  return powerLimitW === null ? `${whole(powerW)} W` : `${whole(powerW)} / ${whole(powerLimitW)} W`;
}

type Words = (typeof gpuWords)['en'];

/** What slows it down or harms it. */
function warningsOf({ details: { throttleReasons, eccUncorrected } }: Gpu, words: Words): readonly string[] {
  return [
    ...(throttleReasons.length > 0 ? [words.slowedBy(throttleReasons.join(', '))] : []),
    ...((eccUncorrected ?? 0) > 0 ? [words.eccErrors(eccUncorrected ?? 0)] : []),
  ];
}

/** What is worth a word and no column, as far as it is known. */
function detailsOf({ details, unifiedMemory }: Gpu, words: Words, { pct }: Formats): readonly string[] {
  const { pciBusId, smClockMHz, memClockMHz, fanPct, eccUncorrected } = details;
  return [
    ...(pciBusId !== null ? [pciBusId] : []),
    ...(smClockMHz !== null ? [words.clock(Math.round(smClockMHz))] : []),
    ...(memClockMHz !== null ? [words.memoryClock(Math.round(memClockMHz))] : []),
    ...(fanPct !== null ? [words.fan(pct(fanPct))] : []),
    ...(eccUncorrected === 0 ? [words.eccErrors(0)] : []),
    ...(unifiedMemory ? [words.unifiedMemory] : []),
  ];
}
