import { createContext, useContext } from 'react';
import { type Formats, formatsOf } from '#common/format.ts';
import { chooseLanguage, type Dictionary, type Language } from '#common/language.ts';
import type { AppState } from './snapshot-store.ts';

/** The language of the settings, or the system's where they leave it to that and before they are known. */
export function languageOf({ snapshot }: AppState, page: Window): Language {
  return chooseLanguage(snapshot?.settings.language ?? 'system', page.navigator.languages);
}

/** What `App` provides: one subscription to the settings for all the words in the window, of which there are several in each row. */
export const LanguageContext = createContext<Language>('en');

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** The words of a room in the reader's language. */
export function useWords<Words>(dictionary: Dictionary<Words>): Words {
  return dictionary[useLanguage()];
}

export function useFormats(): Formats {
  return formatsOf(useLanguage());
}
