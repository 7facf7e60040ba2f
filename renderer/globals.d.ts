declare module '*.css';

/** The classes of a component's own style sheet. That a name is in it is checked by test/unit/build/styles.test.ts. */
declare module '*.module.css' {
  const css: Readonly<Record<string, string>>;
  // biome-ignore lint/style/noDefaultExport: Vite gives them so
  export default css;
}

interface Window {
  /** Set by the preload script of the desktop face; absent in a browser. */
  readonly vllmTray?: Pick<import('#common/bridge.ts').Transport, 'request' | 'on'>;
}
