/** How the class of a component's own style sheet is called in the page: `.place` of Chart.module.css is `.Chart__place`. */

import path from 'node:path';
import type { Plugin } from 'vite';

const sheetName = (file: string) => path.basename(file).replace(/\.module\.css.*$/, '');

export const cssModules = {
  generateScopedName: (name: string, file: string) => `${sheetName(file)}__${name}`,
};

/** For tests in a page without layout: the same names, without the styles. */
export const classNamesAlone: Plugin = {
  name: 'class-names-alone',
  enforce: 'pre',
  resolveId: (source) => (source.endsWith('.module.css') ? `\0${sheetName(source)}.class-names.js` : null),
  load(id) {
    const [, sheet] = /^\0(\w+)\.class-names\.js$/.exec(id) ?? [];
    return sheet && `export default new Proxy({}, { get: (_, name) => '${sheet}__' + name });`;
  },
};
