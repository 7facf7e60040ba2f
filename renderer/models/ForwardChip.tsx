import type { Forward } from '#common/forwards.ts';
import { forwardUrl } from '#common/select.ts';
import { stateWords } from '#common/words/states.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import { curlCommand, exportBaseUrl } from '../lib/commands.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { modelWords } from './words.ts';

export const forwardMoods: Readonly<Record<Forward['state']['kind'], Mood>> = {
  opening: 'waiting',
  listening: 'good',
  retrying: 'warning',
  failed: 'bad',
};

interface Props {
  readonly forward: Forward;
  /** The model that the curl line names; null where none is known. */
  readonly modelId: string | null;
}

/** `localhost:16100` with a menu of what one does with it. */
export function ForwardChip({ forward, modelId }: Props) {
  const actions = useActions();
  const words = useWords(modelWords);
  const states = useWords(stateWords);
  const url = forwardUrl(forward);
  const address = url === null ? words.openingAddress : url.replace('http://', '');
  const base = url === null ? null : `${url}/v1`;
  const copies =
    base === null
      ? []
      : [
          { label: words.copyBaseUrl, onSelect: () => void actions.copy(base, words.baseUrl) },
          {
            label: words.copyExport,
            onSelect: () => void actions.copy(exportBaseUrl(base), words.exportLine),
          },
          {
            label: words.copyCurl,
            onSelect: () => void actions.copy(curlCommand(base, modelId), words.curlCommand),
          },
        ];
  const entries = [
    ...copies,
    {
      label: words.stop,
      apart: copies.length > 0,
      onSelect: () => void actions.closeForward(forward.id),
    },
  ];
  return (
    <MenuButton
      className="chip"
      label={words.chip(address, states.forward[forward.state.kind])}
      entries={entries}
    >
      <StateMark mood={forwardMoods[forward.state.kind]} word={address} />
      <Icon name="caret" />
    </MenuButton>
  );
}
