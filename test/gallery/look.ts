import type { Language } from '#common/language.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';

/** How a state is shown; a part of the settings of its Snapshot. */
export interface Look {
  readonly language: Language;
  readonly theme: Settings['theme'];
  readonly contrast: Settings['contrast'];
}

/** Every look: two languages, two themes, with the usual contrast and with more. The opposite of one is as far from the end. */
export const looks: readonly Look[] = (['en', 'ru'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['system', 'more'] as const).map((contrast) => ({ language, theme, contrast })),
  ),
);

/** The look that an address names; English and light where it names none. */
export function readLook(query: URLSearchParams): Look {
  return {
    language: query.get('language') === 'ru' ? 'ru' : 'en',
    theme: query.get('theme') === 'dark' ? 'dark' : 'light',
    contrast: query.get('contrast') === 'more' ? 'more' : 'system',
  };
}

/** The address of a state, below the gallery's page. */
export function addressOf(name: string, look: Look): string {
  return `?${new URLSearchParams({ gallery: name, ...look })}`;
}

/** The Snapshot with a look among its settings. */
export function withLook(snapshot: Snapshot, look: Look): Snapshot {
  return { ...snapshot, settings: { ...snapshot.settings, ...look } };
}
