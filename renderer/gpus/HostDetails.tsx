import { memo } from 'react';
import { freeDevices, visibleDevices } from '#common/free-gpus.ts';
import type { Host, IdleRule } from '#common/model.ts';
import { failureOf, sshCommand } from '#common/select.ts';
import { Command } from '../components/Command.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { frameWords } from '../components/words.ts';
import type { ServedModel } from '../lib/models.ts';
import { LogIn } from '../prompts/LogIn.tsx';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
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
  return (
    <div className="details">
      <HostFacts host={host} models={models} />
      <div className="details-commands">
        {source !== undefined && <Command text={sshCommand(source, host)} what={frame.sshCommand} />}
        {free.length > 0 && (
          <Command text={`export ${visibleDevices(host, free)}`} what={words.freeSelection(free.length)} />
        )}
      </div>
      {failure && (
        <div className="details-failure">
          <FailureText failure={failure} />
          <div className="failed-actions">
            <LogIn host={host} />
            <TryAgain host={host} />
          </div>
        </div>
      )}
      {host.gpus.length > 0 && <GpuTable host={host} rule={rule} />}
      {host.gpus.length > 0 && <HostCharts host={host} />}
    </div>
  );
});
