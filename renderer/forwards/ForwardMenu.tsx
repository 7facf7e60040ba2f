import { isAway } from '#common/select/forwards.ts';
import { ContextMenu } from '../components/ContextMenu.tsx';
import type { MenuEntry } from '../components/Menu.tsx';
import { useForwardEntries } from '../models/ForwardChip.tsx';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import type { RowMenuPlace } from '../table/use-row-menu.tsx';
import type { ForwardRow } from './columns.tsx';
import { LabelDialog } from './LabelDialog.tsx';
import { forwardWords } from './words.ts';

interface Props {
  readonly row: ForwardRow;
  readonly place: RowMenuPlace;
}

/** What a forward's row has buttons for, and its chip. */
export function ForwardMenu({ row: { forward, model }, place: { at, onClose, onDialog } }: Props) {
  const call = useCall();
  const words = useWords(forwardWords);
  const { id: forwardId, localPort, pinned } = forward;
  const retry: MenuEntry = {
    label: words.retryForwardTo(forwardId),
    onSelect: () => void call('forward.retry', { forwardId }),
  };
  const keep = (port: number): MenuEntry => ({
    label: pinned ? words.portKept(port) : words.keepPort(port),
    onSelect: () => void call('forward.pin', { forwardId, pinned: !pinned }),
  });
  const name: MenuEntry = {
    label: forward.label === null ? words.giveLabel : words.changeLabel,
    onSelect: () => onDialog((close) => <LabelDialog forward={forward} onClose={close} />),
  };
  const entries = [
    ...(isAway(forward) ? [retry] : []),
    ...(localPort === null ? [] : [keep(localPort)]),
    name,
    ...useForwardEntries(forward, model),
  ];
  return <ContextMenu label={forwardId} entries={entries} at={at} onClose={onClose} />;
}
