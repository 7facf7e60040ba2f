import { memo } from 'react';
import css from './Icon.module.css';

/** Outlines on a 16-unit grid, drawn with the text's colour. */
const outlines = {
  gpu: 'M4.2 4.2h7.6v7.6H4.2zM6.5 6.5h3v3h-3zM6.4 4.2V2M9.6 4.2V2M6.4 14v-2.2M9.6 14v-2.2M4.2 6.4H2M4.2 9.6H2M14 6.4h-2.2M14 9.6h-2.2',
  model: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9L8 8l5.4-3.1M8 8v6.2',
  forward: 'M2 5.5h10M9.2 2.7L12 5.5 9.2 8.3M14 10.5H4M6.8 7.7L4 10.5l2.8 2.8',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.4 3.4',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.8L10.2 8 6 12.2',
  caret: 'M4.5 6.5L8 10l3.5-3.5',
  copy: 'M5.5 5.5h7.5v8H5.5zM3 10.5v-8h7.5',
  rescan: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.3 1.8v3.4H9.9',
  stop: 'M3.8 3.8h8.4v8.4H3.8z',
  send: 'M2.4 8L13.6 2.8 11 13.4 7.6 9.6zM7.6 9.6l6-6.8',
  pin: 'M5.4 2.2h5.2M6.4 2.2v4.2L4.2 9h7.6L9.6 6.4V2.2M8 9v4.8',
  terminal: 'M2 3h12v10H2zM4.6 6l2.2 2-2.2 2M8.4 10.2h3',
  end: 'M2.8 4.6h10.4M6.2 4.6V2.9h3.6v1.7M4.3 4.6l.6 8.6h6.2l.6-8.6',
  warning: 'M8 2.2l6.2 11H1.8zM8 6.4v3.2M8 11.4v.1',
  lock: 'M4 7.2h8v6H4zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.6z',
  screen: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  check: 'M3.2 8.4l3 3 6.6-6.8',
  columns: 'M2.2 3h11.6v10H2.2zM6.1 3v10M9.9 3v10',
  settings:
    'M2 4.8h5.2M10.4 4.8H14M7.2 4.8a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0M2 11.2h3.2M8.4 11.2H14M5.2 11.2a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0',
  diagnostics: 'M1.8 8.6h2.8l1.9-5.4 3 9.6 2-5.6.8 1.4h1.9',
  keyboard: 'M1.8 4.2h12.4v7.6H1.8zM4.3 6.9h.1M6.8 6.9h.1M9.2 6.9h.1M11.7 6.9h.1M5.4 9.4h5.2',
  bell: 'M4 10.8V7.2a4 4 0 0 1 8 0v3.6l1.2 1.6H2.8zM6.7 14a1.4 1.4 0 0 0 2.6 0',
  add: 'M8 3.2v9.6M3.2 8h9.6',
  edit: 'M3 13l.7-2.8 7.1-7.1 2.1 2.1-7.1 7.1zM9.3 4.6l2.1 2.1',
  remove: 'M2.8 4.6h10.4M6.2 4.6V2.9h3.6v1.7M4.3 4.6l.6 8.6h6.2l.6-8.6',
  save: 'M8 2.4v7.2M5 6.8l3 3 3-3M2.8 13.2h10.4',
  open: 'M8 9.8V2.6M5 5.4l3-3 3 3M2.8 13.2h10.4',
  star: 'M8 1.9l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.2l-3.7 2 .8-4.1L2 6.2l4.2-.5z',
  pause: 'M5.4 3.4v9.2M10.6 3.4v9.2',
  play: 'M4.8 3.2l7.4 4.8-7.4 4.8z',
} as const;

export type IconName = keyof typeof outlines;

export const Icon = memo(function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className={css.icon} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={outlines[name]} />
    </svg>
  );
});
