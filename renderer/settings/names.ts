import { settingsBounds } from '#common/bounds.ts';

/** A text for a list of the settings; null where it is too long for one. */
export function readGlob(text: string): string | null {
  return text.length <= settingsBounds.globLength ? text : null;
}

export function readName(text: string): string | null {
  return text.length <= settingsBounds.nameLength ? text : null;
}
