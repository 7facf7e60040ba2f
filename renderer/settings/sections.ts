/** The sections in their order; the address names one as the id of the view: `#settings/hosts`. */
export const sections = [
  'hosts',
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
