import type { LaunchPlan } from '#common/launches.ts';
import { Fact, Facts } from '../components/Fact.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import css from './PlanView.module.css';
import { launchesWords } from './words.ts';

/** What would run, before it does: where, on which GPUs, for how long, and the line itself, whole. */
export function PlanView({ plan }: { readonly plan: LaunchPlan }) {
  const { hostId, remotePort, gpus, launcher, lifetimeSeconds, command, model, name } = plan;
  const words = useWords(launchesWords);
  const actions = useActions();
  const { age } = useFormats();
  return (
    <>
      <Facts>
        <Fact name={words.model}>{model}</Fact>
        <Fact name={words.host}>{words.planOn(hostId, remotePort)}</Fact>
        <Fact name={words.gpus}>{gpus.length === 0 ? words.noGpus : gpus.join(', ')}</Fact>
        <Fact name={words.launcher}>{words.launchers[launcher]}</Fact>
        <Fact name={words.session}>{name}</Fact>
        <Fact name={words.lifetimeField}>
          {lifetimeSeconds === null ? words.planNoEnd : words.planEnds(age(lifetimeSeconds * 1000))}
        </Fact>
      </Facts>
      <div className={css.head}>
        <h3 className={css.title}>{words.planHead}</h3>
        <button type="button" className="button" onClick={() => void actions.copy(command, words.command)}>
          <Icon name="copy" />
          {words.copyCommand}
        </button>
      </div>
      <pre className={css.command}>
        <code>{command}</code>
      </pre>
    </>
  );
}
