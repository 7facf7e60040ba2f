import { useMemo } from 'react';
import { hostSummary, hostsByIdleFirst, isUp } from '#common/select/hosts.ts';
import { useSameList } from '../lib/same-list.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import type { ControlProps } from './ServeField.tsx';
import { launchesWords } from './words.ts';

interface Props extends ControlProps {
  readonly value: string;
  readonly onChoose: (hostId: string) => void;
}

/** The hosts that are up, most free GPUs first, or the one that fits best. */
export function HostSelect({ value, onChoose, ...control }: Props) {
  const snapshot = useSnapshot();
  const words = useWords(launchesWords);
  const { idleRule } = snapshot.settings;
  const offered = useSameList(
    hostsByIdleFirst(snapshot)
      .filter(({ id, state }) => isUp(state) || id === value)
      .map((host) => {
        const { idle, total } = hostSummary(host, idleRule);
        return JSON.stringify([host.id, words.freeOf(host.alias, idle, total)]);
      }),
  );
  const options = useMemo(
    () =>
      offered.map((one) => {
        const [id = '', label = ''] = JSON.parse(one) as readonly string[];
        return (
          <option key={id} value={id}>
            {label}
          </option>
        );
      }),
    [offered],
  );
  return (
    <select {...control} className="input" value={value} onChange={({ target }) => onChoose(target.value)}>
      <option value="">{words.anyHost}</option>
      {options}
    </select>
  );
}
