import type { Forward } from '#common/forwards.ts';
import { ContextMenu } from '../components/ContextMenu.tsx';
import { useFavouriteEntry } from '../components/Favourite.tsx';
import type { MenuEntry } from '../components/Menu.tsx';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import type { RowMenuPlace } from '../table/use-row-menu.tsx';
import { useOpenTest } from '../test-prompt/TestPromptPlace.tsx';
import { useForwardEntries } from './ForwardChip.tsx';
import { KeyDialog, useHasKey } from './KeyControl.tsx';
import type { ModelRow } from './model-groups.ts';
import { modelWords } from './words.ts';

interface Props {
  readonly row: ModelRow;
  readonly place: RowMenuPlace;
}

/** What a model's row and its details have buttons for. */
export function ModelMenu({ row, place }: Props) {
  return row.forward === null ? (
    <ClosedMenu row={row} place={place} />
  ) : (
    <OpenMenu row={row} forward={row.forward} place={place} />
  );
}

function OpenMenu({ row, forward, place }: Props & { readonly forward: Forward }) {
  const entries = useForwardEntries(forward, row.model?.id ?? null);
  const key = useKeyEntries(row, place);
  const favourite = useFavouriteEntries(row);
  return <ContextMenu {...placed(row, place)} entries={[...entries, ...key, ...favourite]} />;
}

function ClosedMenu({ row, place }: Props) {
  const call = useCall();
  const openTest = useOpenTest();
  const words = useWords(modelWords);
  const key = useKeyEntries(row, place);
  const favourite = useFavouriteEntries(row);
  const { server, model, why } = row;
  const { id: serverId, hostId, port: remotePort } = server;
  const forward: MenuEntry = {
    label: words.forward,
    onSelect: () => void call('forward.open', { hostId, remotePort }),
  };
  const test: MenuEntry = {
    label: words.sendTest,
    onSelect: () => openTest({ serverId, model: model?.id ?? '' }),
  };
  const entries = [
    ...(why === null ? [forward] : []),
    ...(model === null ? [] : [test]),
    ...key,
    ...favourite,
  ];
  return <ContextMenu {...placed(row, place)} entries={entries} />;
}

const placed = ({ server, model }: ModelRow, { at, onClose }: RowMenuPlace) => ({
  label: model?.id ?? server.id,
  at,
  onClose,
});

/** Only of a model whose name is known. */
function useFavouriteEntries({ model }: ModelRow): readonly MenuEntry[] {
  const entry = useFavouriteEntry({ kind: 'models', name: model?.id ?? '' });
  return model === null ? [] : [entry];
}

function useKeyEntries({ server }: ModelRow, { onDialog }: RowMenuPlace): readonly MenuEntry[] {
  const words = useWords(modelWords);
  const call = useCall();
  const hasKey = useHasKey(server.id);
  const ask: MenuEntry = {
    label: hasKey ? words.changeKey : words.enterKey,
    apart: true,
    onSelect: () => onDialog((onClose) => <KeyDialog serverId={server.id} onClose={onClose} />),
  };
  const remove: MenuEntry = {
    label: words.removeKey,
    onSelect: () => void call('server.setKey', { serverId: server.id, key: null }),
  };
  if (hasKey) return [ask, remove];
  return server.state.kind === 'locked' ? [ask] : [];
}
