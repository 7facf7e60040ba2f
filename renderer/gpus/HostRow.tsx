import { Fragment, memo } from 'react';
import { columnName } from '#common/history.ts';
import type { Host, HostId, IdleRule } from '#common/model.ts';
import { hashOf } from '#common/notices.ts';
import { hostSummary, isUp } from '#common/select.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { evenSteps } from '../charts/track.ts';
import { useTrack } from '../charts/use-track.ts';
import { detailsId } from '../components/DetailsRow.tsx';
import { roles } from '../components/table-roles.ts';
import { Icon } from '../icons/Icon.tsx';
import { hostLine, shortModelName } from '../lib/format.ts';
import type { ServedModel } from '../lib/models.ts';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { GpuStrip } from './GpuStrip.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
  readonly models: readonly ServedModel[];
  readonly expanded: boolean;
  readonly onToggle: (id: HostId) => void;
  /** It was asked for by the address. */
  readonly marked: boolean;
  readonly index: number;
  readonly topPx: number | undefined;
}

/** Renders again only when its own host, its models or its fold changed: a thousand rows share ten patches a second. */
export const HostRow = memo(function HostRow(props: Props) {
  const { host, rule, models, expanded, onToggle, marked, index, topPx } = props;
  const line = hostLine(host, useLanguage());
  return (
    <tr
      className="host-row"
      style={{ top: topPx }}
      data-index={index}
      data-key={host.id}
      data-id={host.id}
      data-state={host.state.kind}
      data-expanded={expanded}
      data-marked={marked}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <th scope="row" className="host-name" {...roles.rowHeader}>
        <button
          type="button"
          className="expander"
          aria-expanded={expanded}
          aria-controls={expanded ? detailsId(host.id) : undefined}
          onClick={() => onToggle(host.id)}
        >
          <Icon name="chevron" />
          <span className="cut" title={host.alias}>
            {host.alias}
          </span>
        </button>
        <span className="subline cut" title={line}>
          {line}
        </span>
      </th>
      <Numbers host={host} rule={rule} />
      <td className="cut wide-3" title={models.map(({ id }) => id).join('\n')} {...roles.cell}>
        {models.map(({ id, serverId }, at) => (
          <Fragment key={`${serverId} ${id}`}>
            {at > 0 && ', '}
            <a className="quiet-link" href={hashOf({ view: 'models', id: serverId })}>
              {shortModelName(id)}
            </a>
          </Fragment>
        ))}
      </td>
    </tr>
  );
});

/** The cells that need GPUs; they stay empty, and as wide as ever, while none are known. */
function Numbers({ host, rule }: Pick<Props, 'host' | 'rule'>) {
  const { idle, total, meanUtilPct, memUsedMiB, memTotalMiB, maxTemperatureC, users } = hostSummary(
    host,
    rule,
  );
  const words = useWords(gpuWords);
  const { gib, pct, temperature } = useFormats();
  const current = isUp(host.state);
  const known = total > 0;
  const everybody = users.join(', ');
  return (
    <>
      <td {...roles.cell}>{known && <GpuStrip gpus={host.gpus} rule={rule} current={current} />}</td>
      <td className={current && idle > 0 ? 'free' : 'dim'} {...roles.cell}>
        {known && (
          <>
            <b>{current ? idle : '–'}</b>
            {words.freeOf(total)}
          </>
        )}
      </td>
      <td className="number load" {...roles.cell}>
        {known && <LoadGraph host={host} />}
        {known && pct(meanUtilPct)}
      </td>
      <td className="number wide-1" {...roles.cell}>
        {known && (
          <>
            {gib(memUsedMiB)}
            <span className="dim">{` / ${gib(memTotalMiB)} GiB`}</span>
          </>
        )}
      </td>
      <td className="number wide-2" {...roles.cell}>
        {known && temperature(maxTemperatureC)}
      </td>
      <td className="cut wide-3" title={everybody} {...roles.cell}>
        {everybody}
      </td>
    </>
  );
}

const steps = { spanMs: 30 * 60_000, count: 60 };

/** The mean over the GPUs, on a fixed axis from 0 to 100. */
function LoadGraph({ host }: { readonly host: Host }) {
  const track = useTrack(host.id, 'recent');
  const columns = host.gpus.map(({ uuid }) => columnName(uuid, 'utilPct'));
  return <Sparkline values={evenSteps(track, columns, steps)} max={100} />;
}
