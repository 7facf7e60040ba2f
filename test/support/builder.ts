/** electron-builder's own parts, as the packaging tests use them; none of them needs Electron's runtime. */

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const builder = createRequire(require.resolve('electron-builder/package.json'));
const library = createRequire(builder.resolve('app-builder-lib/package.json'));

export const builderProgram: string = require.resolve('electron-builder/cli.js');

interface ConfigModule {
  /** Reads a configuration file the way electron-builder does, defaults included. */
  getConfig(projectDir: string, configPath: string, overrides: null): Promise<Record<string, unknown>>;
  /** Rejects with all that the schema finds wrong. */
  validateConfiguration(config: unknown, debug: { readonly isEnabled: false }): Promise<void>;
}

export const { getConfig, validateConfiguration } = library(
  'app-builder-lib/out/util/config/config.js',
) as ConfigModule;

interface Asar {
  /** The paths of files and folders, each with a leading slash. */
  listPackage(archive: string, options: { readonly isPack: boolean }): string[];
  statFile(archive: string, file: string): { readonly files?: unknown; readonly size?: number };
  extractAll(archive: string, destination: string): void;
}

const asar = library('@electron/asar') as Asar;

/** The files in an archive, sorted. */
export function listArchive(archive: string): readonly string[] {
  return asar
    .listPackage(archive, { isPack: false })
    .map((name) => name.replaceAll('\\', '/').slice(1))
    .filter((name) => asar.statFile(archive, name).files === undefined)
    .sort();
}

export const extractArchive = (archive: string, destination: string): void =>
  asar.extractAll(archive, destination);

interface AppImageModule {
  /** The text of AppRun, the program that an AppImage starts. */
  generateAppRunScript(names: Readonly<Record<string, string>>): string;
}

export const { generateAppRunScript } = library(
  'app-builder-lib/out/targets/appimage/appImageUtil.js',
) as AppImageModule;

interface Builder {
  readonly Platform: { readonly LINUX: { createTarget(name: string, arch: number): unknown } };
  readonly Arch: Readonly<Record<string, number>>;
  build(options: unknown): Promise<unknown>;
}

/** What electron-builder would write into an AppImage's desktop entry. Packs nothing: it stops before its tools are needed. */
export async function appImageDesktopEntry(config: unknown): Promise<string> {
  const { build, Platform, Arch } = require('electron-builder') as Builder;
  let entry = '';
  await build({
    targets: Platform.LINUX.createTarget('AppImage', Arch.x64 ?? 1),
    config,
    publish: 'never',
    effectiveOptionComputed: async ({ desktop }: { readonly desktop: string }) => {
      entry = desktop;
      return true;
    },
  });
  return entry;
}
