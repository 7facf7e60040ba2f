import { isInstanceFree } from '#common/free-gpus.ts';
import type { Gpu, GpuProcess, IdleRule, MigInstance } from '#common/model.ts';
import { useFormats, useWords } from '../state/language.ts';
import { gpuWords } from './words.ts';

interface Props {
  readonly gpu: Gpu;
  readonly rule: IdleRule;
  readonly measuredAt: number | null;
}

/** Who is on a GPU, and on each of its MIG instances. */
export function Occupants({ gpu, rule, measuredAt }: Props) {
  const words = useWords(gpuWords);
  const { instances } = gpu;
  if (instances === null)
    return (
      <Processes processes={gpu.processes} label={words.processesOn(gpu.index)} measuredAt={measuredAt} />
    );
  if (instances.length === 0) return <p className="dim">{words.migEmpty}</p>;
  const placed = new Set(instances.flatMap(({ processes }) => processes.map(({ pid }) => pid)));
  const rest = gpu.processes.filter(({ pid }) => !placed.has(pid));
  return (
    <>
      <Processes processes={rest} label={words.processesOn(gpu.index)} measuredAt={measuredAt} />
      <ul className="instances" aria-label={words.migInstances(gpu.index)}>
        {instances.map((instance) => (
          <Instance key={instance.index} instance={instance} rule={rule} measuredAt={measuredAt} />
        ))}
      </ul>
    </>
  );
}

interface InstanceProps extends Omit<Props, 'gpu'> {
  readonly instance: MigInstance;
}

function Instance({ instance, rule, measuredAt }: InstanceProps) {
  const words = useWords(gpuWords);
  const { gib } = useFormats();
  const { index, profile, uuid, memUsedMiB, memTotalMiB, processes } = instance;
  const name = `MIG ${profile ?? index}`;
  return (
    <li>
      <p className="instance">
        <span className="cut">{name}</span>
        <span className={isInstanceFree(instance, rule) ? 'free-text' : 'dim'}>
          {isInstanceFree(instance, rule) ? words.migFree : words.migInUse}
        </span>
        <span className="number">{`${gib(memUsedMiB)} / ${gib(memTotalMiB)} GiB`}</span>
        <span className="cut mono dim" title={uuid ?? ''}>
          {uuid ?? ''}
        </span>
      </p>
      <Processes processes={processes} label={words.processesOnInstance(name)} measuredAt={measuredAt} />
    </li>
  );
}

interface ProcessesProps {
  readonly processes: readonly GpuProcess[];
  readonly label: string;
  readonly measuredAt: number | null;
}

function Processes({ processes, label, measuredAt }: ProcessesProps) {
  const words = useWords(gpuWords);
  const { age, dateTime, gib } = useFormats();
  if (processes.length === 0) return null;
  return (
    <ul aria-label={label}>
      {processes.map(({ pid, user, startedAt, memUsedMiB, command }) => (
        <li key={pid} className="process">
          <span className="cut" title={user ?? undefined}>
            {user ?? words.unknownUser}
          </span>
          <span className="cut mono" title={command}>
            {command}
          </span>
          <span className="number" title={startedAt === null ? undefined : words.since(dateTime(startedAt))}>
            {startedAt === null || measuredAt === null ? '–' : age(measuredAt - startedAt)}
          </span>
          <span className="number">{`${gib(memUsedMiB)} GiB`}</span>
          <span className="dim number process-id">{pid}</span>
        </li>
      ))}
    </ul>
  );
}
