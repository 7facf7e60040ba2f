import { memo, useId } from 'react';
import type { Host, HostId, IdleRule } from '#common/model.ts';
import { hostSummary, isUp } from '#common/select.ts';
import { Icon } from '../icons/Icon.tsx';
import { hostLine, shortModelName } from '../lib/format.ts';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { GpuStrip } from './GpuStrip.tsx';
import { HostDetails } from './HostDetails.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
  readonly models: readonly string[];
  readonly expanded: boolean;
  readonly onToggle: (id: HostId) => void;
}

/** Renders again only when its own host, its models or its fold changed: a thousand rows share ten patches a second. */
export const HostRow = memo(HostRowPlain, (before, after) => {
  return (
    before.host === after.host &&
    before.rule === after.rule &&
    before.expanded === after.expanded &&
    before.onToggle === after.onToggle &&
    before.models.length === after.models.length &&
    before.models.every((model, index) => model === after.models[index])
  );
});

function HostRowPlain({ host, rule, models, expanded, onToggle }: Props) {
  const detailsId = useId();
  const line = hostLine(host, useLanguage());
  return (
    <>
      <tr className="host-row" data-state={host.state.kind} data-expanded={expanded}>
        <th scope="row" className="host-name">
          <button
            type="button"
            className="expander"
            aria-expanded={expanded}
            aria-controls={expanded ? detailsId : undefined}
            onClick={() => onToggle(host.id)}
          >
            <Icon name="chevron" />
            <span className="cut">{host.alias}</span>
          </button>
          <span className="subline cut" title={line}>
            {line}
          </span>
        </th>
        <Numbers host={host} rule={rule} />
        <td className="cut wide-3" title={models.join('\n')}>
          {models.map(shortModelName).join(', ')}
        </td>
      </tr>
      {expanded && (
        <tr className="details-row" id={detailsId}>
          <td colSpan={8}>
            <HostDetails host={host} rule={rule} />
          </td>
        </tr>
      )}
    </>
  );
}

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
  return (
    <>
      <td>{known && <GpuStrip gpus={host.gpus} rule={rule} current={current} />}</td>
      <td className={current && idle > 0 ? 'free' : 'dim'}>
        {known && (
          <>
            <b>{current ? idle : '–'}</b>
            {words.freeOf(total)}
          </>
        )}
      </td>
      <td className="number load">
        {meanUtilPct !== null && <LoadBar pct={meanUtilPct} />}
        {known && pct(meanUtilPct)}
      </td>
      <td className="number wide-1">
        {known && (
          <>
            {gib(memUsedMiB)}
            <span className="dim">{` / ${gib(memTotalMiB)} GiB`}</span>
          </>
        )}
      </td>
      <td className="number wide-2">{known && temperature(maxTemperatureC)}</td>
      <td className="cut wide-3" title={users.join(', ')}>
        {users.join(', ')}
      </td>
    </>
  );
}

/** A fixed axis from 0 to 100, so that two rows compare at a glance. */
function LoadBar({ pct }: { readonly pct: number }) {
  return (
    <svg className="load-bar" viewBox="0 0 40 4" aria-hidden="true" focusable="false">
      <rect className="load-track" width="40" height="4" rx="2" />
      <rect className="load-fill" width={(40 * Math.min(100, pct)) / 100} height="4" rx="2" />
    </svg>
  );
}
