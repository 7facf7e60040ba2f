import { memo } from 'react';
import { freeDevices, shellOnDevices } from '#common/free-gpus.ts';
import type { Host, IdleRule, PrometheusOrigin } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { hasSsh, isUp, sshCommand } from '#common/select/hosts.ts';
import { Command } from '../components/Command.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { SwitchOff } from '../components/SwitchOff.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useOpenServe } from '../launches/ServePlace.tsx';
import { fieldsOn } from '../launches/serve-fields.ts';
import { frameWords } from '../lib/frame-words.ts';
import type { ServedModel } from '../lib/models.ts';
import { HostActions } from '../prompts/HostActions.tsx';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useLook } from '../state/use-look.ts';
import { Details, DetailsCommands, DetailsFailure } from '../table/Details.tsx';
import css from './FailedHosts.module.css';
import { GpuTable } from './GpuTable.tsx';
import { HostCharts } from './HostCharts.tsx';
import { HostFacts } from './HostFacts.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
  readonly models: readonly ServedModel[];
}

/** What a row unfolds: the host, its GPUs with who is on them, and what they did. */
export const HostDetails = memo(function HostDetails({ host, rule, models }: Props) {
  const source = useAppState(({ snapshot }) => snapshot?.source);
  const frame = useWords(frameWords);
  const words = useWords(gpuWords);
  const failure = failureOf(host.state);
  const free = freeDevices(host, rule);
  useLook([host]);
  return (
    <Details>
      <HostFacts host={host} models={models} />
      {host.source.kind === 'prometheus' && <SourceNote host={host} origin={host.source} />}
      {hasSsh(host) && (
        <DetailsCommands>
          {source !== undefined && <Command text={sshCommand(source, host)} what={frame.sshCommand} />}
          {source !== undefined && free.length > 0 && (
            <Command text={shellOnDevices(source, host, free)} what={words.shellOnFree(free.length)} />
          )}
          {isUp(host.state) && <ServeHere host={host} />}
          <SwitchOff alias={host.alias} />
        </DetailsCommands>
      )}
      {failure && (
        <DetailsFailure>
          <FailureText failure={failure} />
          <div className={css.actions}>
            <HostActions host={host} />
          </div>
        </DetailsFailure>
      )}
      {host.gpus.length > 0 && <GpuTable host={host} rule={rule} />}
      {host.gpus.length > 0 && <HostCharts host={host} />}
    </Details>
  );
});

/** Opens the dialog with this host filled in. */
function ServeHere({ host: { id, alias } }: { readonly host: Host }) {
  const openServe = useOpenServe();
  const words = useWords(gpuWords);
  return (
    <button
      type="button"
      className="button"
      aria-label={`${words.serveHere}, ${alias}`}
      onClick={() => openServe(fieldsOn(id))}
    >
      <Icon name="play" />
      {words.serveHere}
    </button>
  );
}

interface NoteProps {
  readonly host: Host;
  readonly origin: PrometheusOrigin;
}

/** What there is no SSH for, or why it does not answer, with what a person can do about that. */
function SourceNote({ host, origin: { ssh, without } }: NoteProps) {
  const words = useWords(gpuWords);
  const failure = ssh === null ? null : failureOf(ssh);
  if (without !== null) return <p className="dim">{`${words.withoutSsh[without]} ${words.byNumbers}`}</p>;
  if (ssh === null || failure === null) return <p className="dim">{words.sshAway}</p>;
  return (
    <DetailsFailure>
      <div>
        <p className="dim">{words.sshAway}</p>
        <FailureText failure={failure} />
      </div>
      <div className={css.actions}>
        <HostActions host={{ ...host, state: ssh }} />
      </div>
    </DetailsFailure>
  );
}
