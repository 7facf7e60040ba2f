import { keep, readKept } from '../lib/kept.ts';

/** The sections in their order; the address names one as the id of the view: `#settings/hosts`. */
export const sections = [
  'hosts',
  'groups',
  'sources',
  'scanning',
  'idle',
  'servers',
  'forwards',
  'notifications',
  'history',
  'appearance',
  'desktop',
  'backup',
  'about',
] as const;
export type Section = (typeof sections)[number];

const kept = 'settings-section';

/** The section that the address names; else the one that was shown last. */
export function sectionOf(id: string | null): Section {
  const last = readKept(kept);
  return sections.find((one) => one === id) ?? sections.find((one) => one === last) ?? 'hosts';
}

/** It is shown again when the settings are opened without a section. */
export function keepSection(section: Section): void {
  keep(kept, section);
}
