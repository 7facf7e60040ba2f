import { type ComponentType, createContext, useContext, useState } from 'react';
import type { Forward } from '#common/forwards.ts';
import { isLive, type Launch } from '#common/launches.ts';
import { Action } from '../components/Action.tsx';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { MenuButton } from '../components/MenuButton.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import type { LaunchRow } from './columns.tsx';
import { launchesWords } from './words.ts';

/** What an open forward looks like; it is the view's, which has launches among other things that are forwarded. */
export const ForwardChipContext = createContext<
  ComponentType<{ readonly forward: Forward; readonly modelId: string | null }>
>(() => null);

/** What one does with a launch: its forward, a later end, its end now. */
export function LaunchActions({ row: { launch, forward } }: { readonly row: LaunchRow }) {
  const ForwardChip = useContext(ForwardChipContext);
  if (!isLive(launch)) return null;
  return (
    <>
      {launch.stage.kind === 'ready' &&
        (forward === null ? (
          <ForwardButton launch={launch} />
        ) : (
          <ForwardChip forward={forward} modelId={launch.model} />
        ))}
      {launch.endsAt !== null && <Extend launch={launch} />}
      <Stop launch={launch} />
    </>
  );
}

interface Props {
  readonly launch: Launch;
}

function ForwardButton({ launch: { hostId, remotePort, name } }: Props) {
  const call = useCall();
  const words = useWords(launchesWords);
  const [busy, setBusy] = useState(false);
  const open = async () => {
    if (busy) return;
    setBusy(true);
    await call('forward.open', { hostId, remotePort });
    setBusy(false);
  };
  return (
    <button
      type="button"
      className="button"
      aria-label={words.forwardOf(name)}
      aria-disabled={busy}
      onClick={() => void open()}
    >
      <Icon name="forward" />
      {words.forward}
    </button>
  );
}

const steps = [1800, 3600, 7200, 86_400] as const;

function Extend({ launch: { id, name } }: Props) {
  const call = useCall();
  const words = useWords(launchesWords);
  return (
    <MenuButton
      className="icon-button"
      label={words.extendOf(name)}
      entries={steps.map((seconds) => ({
        label: words.extendBy[seconds],
        onSelect: () => void call('launch.extend', { launchId: id, seconds }),
      }))}
    >
      <Icon name="add" />
    </MenuButton>
  );
}

/** Says what will be ended and how, before it is. */
function Stop({ launch: { id, name, hostId, model } }: Props) {
  const call = useCall();
  const words = useWords(launchesWords);
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Action icon="stop" name={words.stopOf(name)} onPress={() => setAsks(true)} />
      {asks && (
        <ConfirmDialog
          title={words.stopTitle(model ?? name, hostId)}
          confirm={words.stopConfirm}
          onConfirm={() => call('launch.stop', { launchId: id })}
          onClose={() => setAsks(false)}
        >
          <p>{words.stopRuns(name, hostId)}</p>
          <p>{words.stopWhat}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
