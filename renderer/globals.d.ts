declare module '*.css';

interface Window {
  /** Set by the preload script of the desktop face; absent in a browser. */
  readonly vllmTray?: Pick<import('#common/bridge.ts').Transport, 'request' | 'on'>;
}
