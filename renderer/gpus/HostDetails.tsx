import type { Gpu, GpuProcess, Host, IdleRule } from '#common/model.ts';
import { failureOf, type GpuCondition, gpuCondition, sshCommand } from '#common/select.ts';
import { Command } from '../components/Command.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { frameWords } from '../components/words.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
}

export function HostDetails({ host, rule }: Props) {
  const { source } = useSnapshot();
  const frame = useWords(frameWords);
  const failure = failureOf(host.state);
  return (
    <div className="details">
      <div className="details-head">
        <Facts host={host} />
        <Command text={sshCommand(source, host)} what={frame.sshCommand} />
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
  const words = useWords(gpuWords);
  const { gib } = useFormats();
  return (
    <dl className="facts">
      {endpoint && (
        <div>
          <dt>{words.address}</dt>
          <dd>{`${endpoint.user}@${endpoint.hostname}:${endpoint.port}`}</dd>
        </div>
      )}
      {driverVersion !== null && (
        <div>
          <dt>{words.driver}</dt>
          <dd>{cudaVersion === null ? driverVersion : `${driverVersion}, CUDA ${cudaVersion}`}</dd>
        </div>
      )}
      {system !== null && system.load1 !== null && (
        <div>
          <dt>{words.load}</dt>
          <dd>
            {system.cpuCount === null
              ? system.load1.toFixed(1)
              : words.loadOf(system.load1.toFixed(1), system.cpuCount)}
          </dd>
        </div>
      )}
      {system !== null && system.memTotalMiB !== null && (
        <div>
          <dt>{words.hostMemory}</dt>
          <dd>{words.memoryOf(gib(system.memUsedMiB), gib(system.memTotalMiB))}</dd>
        </div>
      )}
      {measuredAt !== null && (
        <div>
          <dt>{words.measured}</dt>
          <dd>
            <Age sinceMs={measuredAt} />
          </dd>
        </div>
      )}
      {host.forwarding === 'prohibited' && (
        <div>
          <dt>{words.forwarding}</dt>
          <dd>{words.forwardingProhibited}</dd>
        </div>
      )}
    </dl>
  );
}

function Age({ sinceMs }: { readonly sinceMs: number }) {
  const words = useWords(gpuWords);
  const { elapsed } = useFormats();
  return <>{words.ago(elapsed(useNow(true) - sinceMs))}</>;
}

function GpuTable({ host, rule }: Props) {
  const words = useWords(gpuWords);
  return (
    <div className="gpu-table-place">
      <table className="gpu-table">
        <caption className="visually-hidden">{words.gpusOf(host.alias)}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              {words.gpu}
            </th>
            <th scope="col" className="wide-3">
              {words.name}
            </th>
            <th scope="col">{words.state}</th>
            <th scope="col" className="number">
              {words.utilisation}
            </th>
            <th scope="col" className="number">
              {words.memory}
            </th>
            <th scope="col" className="number">
              {words.temperature}
            </th>
            <th scope="col" className="number wide-2">
              {words.power}
            </th>
            <th scope="col">{words.processes}</th>
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

function GpuRow({ gpu, condition }: { readonly gpu: Gpu; readonly condition: GpuCondition }) {
  const words = useWords(gpuWords);
  const { gib, pct, temperature } = useFormats();
  return (
    <tr>
      <th scope="row" className="number">
        {gpu.index}
      </th>
      <td className="wide-3">{gpu.name}</td>
      <td>
        <StateMark mood={moods[condition]} word={words.conditions[condition]} />
      </td>
      <td className="number">{pct(gpu.utilPct)}</td>
      <td className="number">
        {gib(gpu.memUsedMiB)}
        <span className="dim">{` / ${gib(gpu.memTotalMiB)} GiB`}</span>
      </td>
      <td className="number">{temperature(gpu.temperatureC)}</td>
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
  const words = useWords(gpuWords);
  const notes = [
    ...(unifiedMemory ? [words.unifiedMemory] : []),
    ...(details.throttleReasons.length > 0 ? [words.slowedBy(details.throttleReasons.join(', '))] : []),
    ...((details.eccUncorrected ?? 0) > 0 ? [words.eccErrors(details.eccUncorrected ?? 0)] : []),
  ];
  return notes.length === 0 ? null : <p className="dim">{notes.join(' · ')}</p>;
}

function Instances({ gpu }: { readonly gpu: Gpu }) {
  const words = useWords(gpuWords);
  const { gib } = useFormats();
  if (gpu.instances === null) return null;
  if (gpu.instances.length === 0) return <p className="dim">{words.migEmpty}</p>;
  return (
    <ul className="processes" aria-label={words.migInstances(gpu.index)}>
      {gpu.instances.map((instance) => (
        <li key={instance.index} className="process">
          <span className="cut">{`MIG ${instance.profile ?? instance.index}`}</span>
          <span className="dim">{instance.processes.length === 0 ? words.migFree : words.migInUse}</span>
          <span className="number">{`${gib(instance.memUsedMiB)} / ${gib(instance.memTotalMiB)} GiB`}</span>
          <span className="cut mono" title={instance.uuid ?? ''}>
            {instance.uuid ?? ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Processes({ processes }: { readonly processes: readonly GpuProcess[] }) {
  const words = useWords(gpuWords);
  const { dateTime, gib } = useFormats();
  if (processes.length === 0) return null;
  return (
    <ul className="processes">
      {processes.map((process) => (
        <li key={process.pid} className="process">
          <span className="cut">{process.user ?? words.unknownUser}</span>
          <span
            className="dim"
            title={process.startedAt === null ? undefined : words.since(dateTime(process.startedAt))}
          >
            {process.pid}
          </span>
          <span className="number">{`${gib(process.memUsedMiB)} GiB`}</span>
          <span className="cut mono" title={process.command}>
            {process.command}
          </span>
        </li>
      ))}
    </ul>
  );
}
