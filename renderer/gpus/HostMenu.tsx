import { freeDevices, shellOnDevices } from '#common/free-gpus.ts';
import type { Host } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { hasSsh, isUp, sshCommand } from '#common/select/hosts.ts';
import { canTryAgain, hostRemedy } from '#common/select/remedies.ts';
import { remedyWords } from '#common/words/remedies.ts';
import { ContextMenu } from '../components/ContextMenu.tsx';
import { useFavouriteEntry } from '../components/Favourite.tsx';
import type { MenuEntry } from '../components/Menu.tsx';
import { useOpenServe } from '../launches/ServePlace.tsx';
import { fieldsOn } from '../launches/serve-fields.ts';
import { frameWords } from '../lib/frame-words.ts';
import { HostKeysDialog } from '../prompts/HostKeysDialog.tsx';
import { useRemedy } from '../prompts/RemedyButton.tsx';
import { useWords } from '../state/language.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { useHostSwitches } from '../state/use-switches.ts';
import type { RowMenuPlace } from '../table/use-row-menu.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly place: RowMenuPlace;
}

/** What a host's row and its details have buttons for. */
export function HostMenu({ host, place: { at, onClose, onDialog } }: Props) {
  const entries = [
    ...useCopyEntries(host),
    ...useServeEntries(host),
    ...useStepEntries(host, onDialog),
    useFavouriteEntry({ kind: 'hosts', name: host.alias }),
    ...useSwitchEntries(host),
  ];
  return <ContextMenu label={host.alias} entries={entries} at={at} onClose={onClose} />;
}

function useCopyEntries(host: Host): readonly MenuEntry[] {
  const actions = useActions();
  const { source, settings } = useSnapshot();
  const frame = useWords(frameWords);
  const words = useWords(gpuWords);
  const call = useCall();
  const free = freeDevices(host, settings.idleRule);
  const entry = (text: string, what: string): MenuEntry => ({
    label: frame.copy(what),
    onSelect: () => void actions.copy(text, what),
  });
  if (!hasSsh(host)) return [];
  const ssh = sshCommand(source, host);
  // The command is shown before it runs: it is the entry's name.
  const terminal: MenuEntry = {
    label: words.openTerminal(ssh),
    onSelect: () => void call('app.openTerminal', { hostId: host.id }),
  };
  return [
    entry(ssh, frame.sshCommand),
    ...(window.vllmTray === undefined ? [] : [terminal]),
    ...(free.length === 0 ? [] : [entry(shellOnDevices(source, host, free), words.shellOnFree(free.length))]),
  ];
}

function useServeEntries(host: Host): readonly MenuEntry[] {
  const { id, state } = host;
  const openServe = useOpenServe();
  const { serveHere } = useWords(gpuWords);
  if (!isUp(state) || !hasSsh(host)) return [];
  return [{ label: serveHere, apart: true, onSelect: () => openServe(fieldsOn(id)) }];
}

/** The step that a failure leaves to a person, and trying again. */
function useStepEntries(host: Host, onDialog: RowMenuPlace['onDialog']): readonly MenuEntry[] {
  const call = useCall();
  const runRemedy = useRemedy();
  const frame = useWords(frameWords);
  const remedies = useWords(remedyWords);
  const remedy = hostRemedy(host);
  const step: readonly MenuEntry[] =
    remedy === null
      ? []
      : [
          {
            label: remedies[remedy.kind],
            apart: true,
            onSelect: () =>
              remedy.kind === 'accept-key'
                ? onDialog((onClose) => <HostKeysDialog keyId={remedy.keyId} onClose={onClose} />)
                : runRemedy(remedy),
          },
        ];
  if (!canTryAgain(host)) return step;
  const again: MenuEntry = {
    label: failureOf(host.state) === null ? frame.rescan : frame.tryAgain,
    apart: step.length === 0,
    onSelect: () => void call('scan.start', { hostIds: [host.id] }),
  };
  return [...step, again];
}

function useSwitchEntries(host: Host): readonly MenuEntry[] {
  const { onSwitch } = useHostSwitches();
  const { switchOff } = useWords(frameWords);
  const { alias } = host;
  if (!hasSsh(host)) return [];
  return [{ label: switchOff, onSelect: () => onSwitch([alias], false) }];
}
