import { isInstanceFree } from '#common/free-gpus.ts';
import type { Gpu, GpuJob, GpuProcess, IdleRule, MigInstance } from '#common/hosts.ts';
import { Action } from '../components/Action.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import css from './Occupants.module.css';
import { gpuWords } from './words.ts';

interface Props {
  readonly gpu: Gpu;
  readonly rule: IdleRule;
  readonly measuredAt: number | null;
}

/** Who a scheduler gave a GPU to, who is on it, and on each of its MIG instances. */
export function Occupants(props: Props) {
  const { job, index } = props.gpu;
  return (
    <>
      {job !== undefined && <Job job={job} index={index} />}
      <Inhabitants {...props} />
    </>
  );
}

/** As an exporter says it: user, job and pod, and a dash for what it does not. */
function Job({ job: { user, job, pod }, index }: { readonly job: GpuJob; readonly index: number }) {
  const words = useWords(gpuWords);
  return (
    <ul aria-label={words.jobOn(index)}>
      <li className={css.process}>
        <span className="cut" title={user ?? undefined}>
          {user ?? '–'}
        </span>
        <span className="cut dim" title={job === null ? undefined : words.job(job)}>
          {job === null ? '–' : `#${job}`}
        </span>
        <span className={`cut mono ${css.pod}`} title={pod ?? undefined}>
          {pod ?? '–'}
        </span>
      </li>
    </ul>
  );
}

function Inhabitants({ gpu, rule, measuredAt }: Props) {
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
      <ul className={css.instances} aria-label={words.migInstances(gpu.index)}>
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
  const { memoryOf } = useFormats();
  const { index, profile, uuid, memUsedMiB, memTotalMiB, processes } = instance;
  const name = `MIG ${profile ?? index}`;
  return (
    <li>
      <p className={css.instance}>
        <span className="cut">{name}</span>
        <span className={isInstanceFree(instance, rule) ? css.freeText : 'dim'}>
          {isInstanceFree(instance, rule) ? words.migFree : words.migInUse}
        </span>
        <span className="number">{memoryOf(memUsedMiB, memTotalMiB)}</span>
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

/** A line for each: who, which, what, for how long, and how much memory it holds. */
function Processes({ processes, label, measuredAt }: ProcessesProps) {
  const words = useWords(gpuWords);
  const { age, dateTime, memory } = useFormats();
  const actions = useActions();
  if (processes.length === 0) return null;
  return (
    <ul aria-label={label}>
      {processes.map(({ pid, user, startedAt, memUsedMiB, command }) => (
        <li key={pid} className={css.process}>
          <span className="cut" title={user ?? undefined}>
            {user ?? words.unknownUser}
          </span>
          <span className="dim number">{words.pid(pid)}</span>
          <span className={`cut mono ${css.processCommand}`} title={command}>
            {command}
          </span>
          <span className="number" title={startedAt === null ? undefined : words.since(dateTime(startedAt))}>
            {startedAt === null || measuredAt === null ? '–' : age(measuredAt - startedAt)}
          </span>
          <span className="number">{memory(memUsedMiB)}</span>
          <Action
            icon="copy"
            name={words.copyPid(pid)}
            onPress={() => void actions.copy(String(pid), words.pid(pid))}
          />
        </li>
      ))}
    </ul>
  );
}
