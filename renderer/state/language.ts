import { type Formats, formatsOf } from '#common/format.ts';
import { chooseLanguage, type Dictionary, type Language } from '#common/language.ts';
import { useAppState } from './services.ts';
import type { AppState } from './snapshot-store.ts';

/** The language of the settings, or the system's where they leave it to that and before they are known. */
export function languageOf({ snapshot }: AppState, page: Window): Language {
  return chooseLanguage(snapshot?.settings.language ?? 'system', page.navigator.languages);
}

export function useLanguage(): Language {
  return useAppState((state) => languageOf(state, window));
}

/** The words of a room in the reader's language. */
export function useWords<Words>(dictionary: Dictionary<Words>): Words {
  return dictionary[useLanguage()];
}

export function useFormats(): Formats {
  return formatsOf(useLanguage());
}
