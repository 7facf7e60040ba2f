import { type ComponentType, useEffect, useRef, useState } from 'react';
import { hashOf, type View } from '#common/place.ts';
import { mayContact } from '#common/select/hosts.ts';
import { after } from '#common/timer.ts';
import css from './App.module.css';
import { fetchParts, later } from './components/later.tsx';
import { Header } from './frame/Header.tsx';
import { LinkBanner } from './frame/LinkBanner.tsx';
import { Live } from './frame/Live.tsx';
import { NoSnapshot } from './frame/NoSnapshot.tsx';
import { Problems } from './frame/Problems.tsx';
import { Rail } from './frame/Rail.tsx';
import { ScanBar } from './frame/ScanBar.tsx';
import { SkipLink } from './frame/SkipLink.tsx';
import { Toasts } from './frame/Toasts.tsx';
import { useOwnScroll } from './frame/use-own-scroll.ts';
import { GpusView } from './gpus/GpusView.tsx';
import { useKeptFocus } from './keyboard/rows.ts';
import { useShortcuts } from './keyboard/use-shortcuts.ts';
import { usePageNotifications } from './notices/use-notices.ts';
import { PalettePlace } from './palette/PalettePlace.tsx';
import { Attention } from './prompts/Attention.tsx';
import { PromptDialog } from './prompts/PromptDialog.tsx';
import { sectionOf } from './settings/sections.ts';
import { LanguageContext, languageOf, useLanguage } from './state/language.ts';
import { usePageTitle } from './state/page-title.ts';
import { useRevealed, useView, type ViewProps } from './state/route.ts';
import { useAppState } from './state/services.ts';
import { useLook } from './state/theme.ts';
import { Welcome } from './welcome/Welcome.tsx';

const laterView = (load: () => Promise<ComponentType<ViewProps>>) => later(load, <NoSnapshot />);
const viewOf: Readonly<Record<View, ComponentType<ViewProps>>> = {
  gpus: GpusView,
  models: laterView(async () => (await import('./models/ModelsView.tsx')).ModelsView),
  forwards: laterView(async () => (await import('./forwards/ForwardsView.tsx')).ForwardsView),
  settings: laterView(async () => (await import('./settings/SettingsView.tsx')).SettingsView),
  diagnostics: laterView(async () => (await import('./diagnostics/DiagnosticsView.tsx')).DiagnosticsView),
};
const KeyboardSheet = later(async () => (await import('./keyboard/KeyboardSheet.tsx')).KeyboardSheet);

/** The first rows are drawn by then: what is fetched meanwhile, with its styles, would keep them waiting. */
const partsAfterMs = 500;

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
  const revealed = useRevealed();
  const loaded = useAppState((state) => state.snapshot !== null);
  useEffect(() => {
    if (!loaded) return;
    return after(partsAfterMs, () => void fetchParts()).cancel;
  }, [loaded]);
  const [filter, setFilter] = useState('');
  const filterBox = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  useShortcuts(main, onKeyboard);
  useKeptFocus(main);
  useOwnScroll(main, view === 'settings' ? hashOf({ view, id: sectionOf(revealed) }) : view);
  const clearFilter = () => {
    setFilter('');
    filterBox.current?.focus();
  };
  const Shown = viewOf[view];
  return (
    <div className={css.app}>
      <SkipLink to={main} />
      <Rail view={view} onKeyboard={onKeyboard} />
      <div className={css.page}>
        <Header filter={filter} onFilter={setFilter} filterBox={filterBox} filters={!filtersItself.has(view)}>
          <Live>
            <ScanBar />
          </Live>
        </Header>
        <LinkBanner />
        <Live>
          <Problems />
          <Attention />
        </Live>
        <main className={css.main} ref={main} tabIndex={-1}>
          <Live>{loaded ? <Shown filter={filter} onClearFilter={clearFilter} /> : <NoSnapshot />}</Live>
        </main>
      </div>
      {loaded && <PalettePlace main={main} onKeyboard={onKeyboard} />}
    </div>
  );
}
