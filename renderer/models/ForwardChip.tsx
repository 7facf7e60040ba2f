import type { Forward } from '#common/forwards.ts';
import { forwardUrl } from '#common/select.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import { curlCommand, exportBaseUrl } from '../lib/commands.ts';
import { useActions } from '../state/services.ts';

export const forwardMoods: Readonly<Record<Forward['state']['kind'], Mood>> = {
  opening: 'waiting',
  listening: 'good',
  retrying: 'warning',
  failed: 'bad',
};

export const forwardWords: Readonly<Record<Forward['state']['kind'], string>> = {
  opening: 'Opening',
  listening: 'Listening',
  retrying: 'Reconnecting',
  failed: 'Failed',
};

interface Props {
  readonly forward: Forward;
  /** The model that the curl line names; null where none is known. */
  readonly modelId: string | null;
}

/** `localhost:16100` with a menu of what one does with it. */
export function ForwardChip({ forward, modelId }: Props) {
  const actions = useActions();
  const url = forwardUrl(forward);
  const address = url === null ? 'opening' : url.replace('http://', '');
  const base = url === null ? null : `${url}/v1`;
  const copies =
    base === null
      ? []
      : [
          { label: 'Copy base URL', onSelect: () => void actions.copy(base, 'base URL') },
          {
            label: 'Copy export OPENAI_BASE_URL',
            onSelect: () => void actions.copy(exportBaseUrl(base), 'export line'),
          },
          {
            label: 'Copy curl',
            onSelect: () => void actions.copy(curlCommand(base, modelId), 'curl command'),
          },
        ];
  const entries = [
    ...copies,
    {
      label: 'Stop forward',
      apart: copies.length > 0,
      onSelect: () => void actions.closeForward(forward.id),
    },
  ];
  return (
    <MenuButton
      className="chip"
      label={`Forward ${address}, ${forwardWords[forward.state.kind].toLowerCase()}`}
      entries={entries}
    >
      <StateMark mood={forwardMoods[forward.state.kind]} word={address} />
      <Icon name="caret" />
    </MenuButton>
  );
}
