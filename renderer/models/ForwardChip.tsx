import type { Forward } from '#common/forwards.ts';
import { docsUrl, forwardAddress, forwardUrl } from '#common/select/forwards.ts';
import type { MenuEntry } from '../components/Menu.tsx';
import { MenuButton } from '../components/MenuButton.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { Icon } from '../icons/Icon.tsx';
import { curlCommand, exportBaseUrl, pythonProgram, setenvBaseUrl } from '../lib/commands.ts';
import { forwardStateText, moodOfForward } from '../lib/forward-state.ts';
import { useLanguage } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { useOpenTest } from '../test-prompt/TestPromptPlace.tsx';
import css from './ForwardChip.module.css';
import { modelWords } from './words.ts';

interface Props {
  readonly forward: Forward;
  /** The model that commands name and that a test prompt goes to; null where none is known. */
  readonly modelId: string | null;
}

/** `localhost:16100` with a menu of what one does with it. */
export function ForwardChip({ forward, modelId }: Props) {
  const language = useLanguage();
  const words = modelWords[language];
  const entries = useForwardEntries(forward, modelId);
  const address = forwardAddress(forward) ?? words.noAddress[forward.state.kind];
  return (
    <MenuButton
      className={css.chip}
      label={words.chip(address, forwardStateText(forward, language))}
      entries={entries}
    >
      <StateMark mood={moodOfForward(forward)} word={address} />
      <Icon name="caret" />
    </MenuButton>
  );
}

/** What one does with a forward: copies, a test prompt, its pages, and its end. */
export function useForwardEntries(forward: Forward, modelId: string | null): readonly MenuEntry[] {
  const actions = useActions();
  const openTest = useOpenTest();
  const words = modelWords[useLanguage()];
  const docs = useDocsEntry(forward, words.openDocs);
  const url = forwardUrl(forward);
  const test = {
    label: words.sendTest,
    apart: docs === null,
    onSelect: () => openTest({ serverId: forward.id, model: modelId ?? '' }),
  };
  return [
    ...useCopyEntries(forward, modelId),
    ...(docs === null ? [] : [docs]),
    ...(modelId === null ? [] : [test]),
    { label: words.stop, apart: url !== null, onSelect: () => void actions.closeForward(forward.id) },
  ];
}

function useCopyEntries(forward: Forward, model: string | null): readonly MenuEntry[] {
  const actions = useActions();
  const words = modelWords[useLanguage()];
  const needsKey = useAppState(({ snapshot }) => snapshot?.apiKeys.serverIds.includes(forward.id) ?? false);
  const url = forwardUrl(forward);
  if (url === null) return [];
  const base = `${url}/v1`;
  const entry = (label: string, text: string, what: string) => ({
    label,
    onSelect: () => void actions.copy(text, what),
  });
  return [
    entry(words.copyBaseUrl, base, words.baseUrl),
    entry(words.copyExport, exportBaseUrl(base), words.exportLine),
    entry(words.copySetenv, setenvBaseUrl(base), words.setenvLine),
    entry(words.copyCurl, curlCommand(base, { model, needsKey }), words.curlCommand),
    entry(words.copyPython, pythonProgram(base, { model, needsKey }), words.pythonProgram),
  ];
}

/** A page cannot open another program's window in the desktop app; there the app does it. Null: it has no such pages. */
function useDocsEntry(forward: Forward, label: string): MenuEntry | null {
  const call = useCall();
  const href = useAppState(({ snapshot }) => (snapshot === null ? null : docsUrl(snapshot, forward)));
  if (href === null) return null;
  if (window.vllmTray === undefined) return { label, href, apart: true };
  return { label, apart: true, onSelect: () => void call('app.openDocs', { forwardId: forward.id }) };
}
