import { formatElapsed, formatGiB, formatPct } from '#common/format.ts';
import type { Gpu, Host, IdleRule } from '#common/model.ts';
import { failureOf, type GpuCondition, gpuCondition, sshCommand } from '#common/select.ts';
import { Command } from '../components/Command.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { formatTemperature } from '../lib/format.ts';
import { useSnapshot } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
}

export function HostDetails({ host, rule }: Props) {
  const { source } = useSnapshot();
  const failure = failureOf(host.state);
  return (
    <div className="details">
      <div className="details-head">
        <Facts host={host} />
        <Command text={sshCommand(source, host)} what="ssh command" />
      </div>
      {failure && (
        <div className="details-failure">
          <FailureText failure={failure} />
          <TryAgain host={host} />
        </div>
      )}
      {host.gpus.length > 0 && <GpuTable host={host} rule={rule} />}
    </div>
  );
}

function Facts({ host }: { readonly host: Host }) {
  const { endpoint, driverVersion, measuredAt } = host;
  return (
    <dl className="facts">
      {endpoint && (
        <div>
          <dt>Address</dt>
          <dd>{`${endpoint.user}@${endpoint.hostname}:${endpoint.port}`}</dd>
        </div>
      )}
      {driverVersion !== null && (
        <div>
          <dt>Driver</dt>
          <dd>{driverVersion}</dd>
        </div>
      )}
      {measuredAt !== null && (
        <div>
          <dt>Measured</dt>
          <dd>
            <Age sinceMs={measuredAt} /> ago
          </dd>
        </div>
      )}
      {host.forwarding === 'prohibited' && (
        <div>
          <dt>Forwarding</dt>
          <dd>not allowed by this host</dd>
        </div>
      )}
    </dl>
  );
}

function Age({ sinceMs }: { readonly sinceMs: number }) {
  return <>{formatElapsed(useNow(true) - sinceMs)}</>;
}

function GpuTable({ host, rule }: Props) {
  return (
    <div className="gpu-table-place">
      <table className="gpu-table">
        <caption className="visually-hidden">{`GPUs of ${host.alias}`}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              GPU
            </th>
            <th scope="col" className="wide-3">
              Name
            </th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Utilisation
            </th>
            <th scope="col" className="number">
              Memory
            </th>
            <th scope="col" className="number">
              Temp
            </th>
            <th scope="col" className="number wide-2">
              Power
            </th>
            <th scope="col">Processes</th>
          </tr>
        </thead>
        <tbody>
          {host.gpus.map((gpu) => (
            <GpuRow key={gpu.uuid || gpu.index} gpu={gpu} condition={gpuCondition(gpu, rule)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const moods = { idle: 'idle', busy: 'busy', unknown: 'unknown', problem: 'bad' } as const;
const words = { idle: 'Idle', busy: 'Busy', unknown: 'Unknown', problem: 'Error' } as const;

function GpuRow({ gpu, condition }: { readonly gpu: Gpu; readonly condition: GpuCondition }) {
  return (
    <tr>
      <th scope="row" className="number">
        {gpu.index}
      </th>
      <td className="wide-3">{gpu.name}</td>
      <td>
        <StateMark mood={moods[condition]} word={words[condition]} />
      </td>
      <td className="number">{formatPct(gpu.utilPct)}</td>
      <td className="number">
        {formatGiB(gpu.memUsedMiB)}
        <span className="dim">{` / ${formatGiB(gpu.memTotalMiB)} GiB`}</span>
      </td>
      <td className="number">{formatTemperature(gpu.temperatureC)}</td>
      <td className="number wide-2">{gpu.powerW === null ? '–' : `${Math.round(gpu.powerW)} W`}</td>
      <td>
        {gpu.problem !== null && <p className="bad-text">{gpu.problem}</p>}
        <Processes gpu={gpu} />
      </td>
    </tr>
  );
}

function Processes({ gpu }: { readonly gpu: Gpu }) {
  if (gpu.processes.length === 0) return null;
  return (
    <ul className="processes">
      {gpu.processes.map((process) => (
        <li key={process.pid} className="process">
          <span className="cut">{process.user ?? 'unknown user'}</span>
          <span className="dim">{process.pid}</span>
          <span className="number">{`${formatGiB(process.memUsedMiB)} GiB`}</span>
          <span className="cut mono" title={process.command}>
            {process.command}
          </span>
        </li>
      ))}
    </ul>
  );
}
