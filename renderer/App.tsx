import { useEffect, useRef, useState } from 'react';
import type { View } from '#common/notices.ts';
import { mayContact } from '#common/select.ts';
import { Header } from './components/Header.tsx';
import { LinkBanner } from './components/LinkBanner.tsx';
import { NoSnapshot } from './components/NoSnapshot.tsx';
import { Problems } from './components/Problems.tsx';
import { Rail } from './components/Rail.tsx';
import { ScanBar } from './components/ScanBar.tsx';
import { SkipLink } from './components/SkipLink.tsx';
import { Toasts } from './components/Toasts.tsx';
import { DiagnosticsView } from './diagnostics/DiagnosticsView.tsx';
import { ForwardsView } from './forwards/ForwardsView.tsx';
import { GpusView } from './gpus/GpusView.tsx';
import { KeyboardSheet } from './keyboard/KeyboardSheet.tsx';
import { useShortcuts } from './keyboard/use-shortcuts.ts';
import { ModelsView } from './models/ModelsView.tsx';
import { usePageNotifications } from './notices/use-notices.ts';
import { Attention } from './prompts/Attention.tsx';
import { PromptDialog } from './prompts/PromptDialog.tsx';
import { SettingsView } from './settings/SettingsView.tsx';
import { LanguageContext, languageOf, useLanguage } from './state/language.ts';
import { usePageTitle } from './state/page-title.ts';
import { useView, type ViewProps } from './state/route.ts';
import { useAppState } from './state/services.ts';
import { useLook } from './state/theme.ts';
import { Welcome } from './welcome/Welcome.tsx';

const viewOf: Readonly<Record<View, (props: ViewProps) => React.ReactNode>> = {
  gpus: GpusView,
  models: ModelsView,
  forwards: ForwardsView,
  settings: SettingsView,
  diagnostics: DiagnosticsView,
};

/** Views with filters of their own. */
const filtersItself: ReadonlySet<View> = new Set(['settings', 'diagnostics']);

export function App() {
  const language = useAppState((state) => languageOf(state, window));
  return (
    <LanguageContext value={language}>
      <Contents />
    </LanguageContext>
  );
}

function Contents() {
  const language = useLanguage();
  const [keyboard, setKeyboard] = useState(false);
  const waitsForYes = useAppState(({ snapshot }) => snapshot !== null && !mayContact(snapshot));
  useLook();
  usePageTitle();
  usePageNotifications();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <>
      {waitsForYes ? <Welcome /> : <Views onKeyboard={() => setKeyboard(true)} />}
      {keyboard && <KeyboardSheet onClose={() => setKeyboard(false)} />}
      <PromptDialog />
      <Toasts />
    </>
  );
}

function Views({ onKeyboard }: { readonly onKeyboard: () => void }) {
  const view = useView();
  const loaded = useAppState((state) => state.snapshot !== null);
  const [filter, setFilter] = useState('');
  const filterBox = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  useShortcuts(main, onKeyboard);
  const clearFilter = () => {
    setFilter('');
    filterBox.current?.focus();
  };
  const Shown = viewOf[view];
  return (
    <div className="app">
      <SkipLink to={main} />
      <Rail view={view} onKeyboard={onKeyboard} />
      <div className="page">
        <Header
          filter={filter}
          onFilter={setFilter}
          filterBox={filterBox}
          filters={!filtersItself.has(view)}
        />
        <ScanBar />
        <LinkBanner />
        <Problems />
        <Attention />
        <main className="main" ref={main} tabIndex={-1}>
          {loaded ? <Shown filter={filter} onClearFilter={clearFilter} /> : <NoSnapshot />}
        </main>
      </div>
    </div>
  );
}
