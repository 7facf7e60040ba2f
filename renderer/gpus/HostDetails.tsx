import { count, formatElapsed, formatGiB, formatPct } from '#common/format.ts';
import type { Gpu, GpuProcess, Host, IdleRule } from '#common/model.ts';
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
  const { endpoint, driverVersion, cudaVersion, system, measuredAt } = host;
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
          <dd>{cudaVersion === null ? driverVersion : `${driverVersion}, CUDA ${cudaVersion}`}</dd>
        </div>
      )}
      {system !== null && system.load1 !== null && (
        <div>
          <dt>Load</dt>
          <dd>
            {system.cpuCount === null
              ? system.load1.toFixed(1)
              : `${system.load1.toFixed(1)} of ${count(system.cpuCount, 'CPU')}`}
          </dd>
        </div>
      )}
      {system !== null && system.memTotalMiB !== null && (
        <div>
          <dt>Host memory</dt>
          <dd>{`${formatGiB(system.memUsedMiB)} of ${formatGiB(system.memTotalMiB)} GiB`}</dd>
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
        <Notes gpu={gpu} />
        <Processes processes={gpu.processes} />
        <Instances gpu={gpu} />
      </td>
    </tr>
  );
}

/** What is worth a word and no column: throttling, memory errors, memory that is the host's. */
function Notes({ gpu: { details, unifiedMemory } }: { readonly gpu: Gpu }) {
  const notes = [
    ...(unifiedMemory ? ['shares the host’s memory'] : []),
    ...(details.throttleReasons.length > 0 ? [`slowed by ${details.throttleReasons.join(', ')}`] : []),
    ...((details.eccUncorrected ?? 0) > 0
      ? [count(details.eccUncorrected ?? 0, 'uncorrected memory error')]
      : []),
  ];
  return notes.length === 0 ? null : <p className="dim">{notes.join(' · ')}</p>;
}

function Instances({ gpu }: { readonly gpu: Gpu }) {
  if (gpu.instances === null) return null;
  if (gpu.instances.length === 0) return <p className="dim">MIG is on, without instances</p>;
  return (
    <ul className="processes" aria-label={`MIG instances of GPU ${gpu.index}`}>
      {gpu.instances.map((instance) => (
        <li key={instance.index} className="process">
          <span className="cut">{`MIG ${instance.profile ?? instance.index}`}</span>
          <span className="dim">{instance.processes.length === 0 ? 'free' : 'in use'}</span>
          <span className="number">{`${formatGiB(instance.memUsedMiB)} / ${formatGiB(instance.memTotalMiB)} GiB`}</span>
          <span className="cut mono" title={instance.uuid ?? ''}>
            {instance.uuid ?? ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Processes({ processes }: { readonly processes: readonly GpuProcess[] }) {
  if (processes.length === 0) return null;
  return (
    <ul className="processes">
      {processes.map((process) => (
        <li key={process.pid} className="process">
          <span className="cut">{process.user ?? 'unknown user'}</span>
          <span className="dim" title={startOf(process)}>
            {process.pid}
          </span>
          <span className="number">{`${formatGiB(process.memUsedMiB)} GiB`}</span>
          <span className="cut mono" title={process.command}>
            {process.command}
          </span>
        </li>
      ))}
    </ul>
  );
}

function startOf({ startedAt }: GpuProcess): string | undefined {
  return startedAt === null ? undefined : `Since ${new Date(startedAt).toLocaleString()}`;
}
