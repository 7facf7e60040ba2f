import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { getConfig, validateConfiguration } from '../../support/builder.ts';
import { readIcns, readIco, sizeOf } from '../../support/icon-files.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const debug = { isEnabled: false } as const;
const { builderArguments } = (await import(
  pathToFileURL(path.join(root, 'build', 'packaging.mjs')).href
)) as {
  builderArguments(on: {
    platform: NodeJS.Platform;
    arch: string;
    env: NodeJS.ProcessEnv;
  }): readonly string[];
};

let config: Record<string, unknown>;

beforeAll(async () => {
  config = await getConfig(root, path.join(root, 'build', 'electron-builder.yml'), null);
});

describe('electron-builder.yml', () => {
  // The schema has 10,000 lines.
  it('is what the schema of electron-builder asks for', { timeout: 60_000 }, async () => {
    await expect(validateConfiguration(config, debug)).resolves.toBeUndefined();
  });

  it.each([
    [{ npmRebuilt: false }, /unknown property 'npmRebuilt'/],
    [{ electronFuses: { runAsNode: 'perhaps' } }, /electronFuses/],
    [{ linux: { target: ['AppImage'], catagory: 'Development' } }, /configuration\.linux should be/],
  ])('would not pass with %j', async (mistake, message) => {
    await expect(validateConfiguration({ ...structuredClone(config), ...mistake }, debug)).rejects.toThrow(
      message,
    );
  });

  it('makes the promised packages and publishes none', () => {
    expect(config.linux).toMatchObject({ target: ['AppImage', 'deb'] });
    expect(config.mac).toMatchObject({ target: ['dmg', 'zip'], hardenedRuntime: true });
    expect(config.win).toMatchObject({ target: ['nsis'] });
    expect(config).toMatchObject({ publish: null, npmRebuild: false, asar: true });
  });

  it('closes every fuse that would run something else', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      // Flipping them breaks the ad-hoc signature of the runtime, without which Apple silicon starts nothing.
      resetAdHocDarwinSignature: true,
    });
  });

  it('signs ad hoc on a Mac where no certificate is given, and only there', () => {
    const mac = (env: NodeJS.ProcessEnv) => builderArguments({ platform: 'darwin', arch: 'arm64', env });
    expect(mac({})).toContain('--config.mac.identity=-');
    expect(mac({ CSC_LINK: '' })).toContain('--config.mac.identity=-');
    for (const env of [{ CSC_LINK: 'file:///certificate.p12' }, { CSC_NAME: 'Some Company' }])
      expect(mac(env).join()).not.toContain('identity');
    for (const platform of ['linux', 'win32'] as const)
      expect(builderArguments({ platform, arch: 'x64', env: {} }).join()).not.toContain('identity');
  });

  it('packs an AppImage whose runtime needs no libfuse2', () => {
    expect(config.toolsets).toEqual({ appimage: expect.stringMatching(/^[1-9]/) });
  });

  it('keeps macOS from slowing the app while no window is in view', () => {
    expect(config.mac).toMatchObject({ extendInfo: { NSAppSleepDisabled: true } });
  });

  it('writes the packages where the next package does not take them in', () => {
    expect(config.directories).toMatchObject({ output: 'dist/packages' });
    const filters = (config.files as readonly { readonly filter: readonly string[] }[]).flatMap(
      ({ filter }) => filter,
    );
    const taken = filters.filter((filter) => !filter.startsWith('!') && filter.startsWith('dist'));
    expect(taken.filter((filter) => !/^dist\/(electron|preload|renderer)\//.test(filter))).toEqual([]);
  });

  it('lets macOS ask about the local network, and allows there no more than Electron needs', async () => {
    expect(config.mac).toMatchObject({
      extendInfo: { LSUIElement: false, NSLocalNetworkUsageDescription: expect.stringContaining('SSH') },
    });
    for (const key of ['entitlements', 'entitlementsInherit']) {
      const file = (config.mac as Readonly<Record<string, string>>)[key] ?? '';
      const allowed = [...readFileSync(path.join(root, file), 'utf8').matchAll(/<key>(.*)<\/key>/g)];
      expect(allowed.map(([, name]) => name)).toEqual([
        'com.apple.security.cs.allow-jit',
        'com.apple.security.cs.disable-library-validation',
      ]);
    }
  });

  it('calls the desktop file on Linux what its windows call themselves', () => {
    const { desktopName } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const { syncDesktopName } = config.linux as Readonly<Record<string, unknown>>;
    // A reverse-DNS id, as portals and Wayland's compositors ask for.
    expect([desktopName, syncDesktopName]).toEqual(['app.vllm-tray.desktop', true]);
  });

  it('takes away on Windows what starts at login', () => {
    const { include } = config.nsis as { readonly include: string };
    expect(readFileSync(path.join(root, include), 'utf8')).toContain('!macro customUnInstall\n');
  });

  it('names the app as the app names itself to Windows', () => {
    const entry = readFileSync(path.join(root, 'main', 'electron', 'main.ts'), 'utf8');
    expect(entry).toContain(`setAppUserModelId('${config.appId}')`);
  });
});

describe('the icons', () => {
  const icons = path.join(root, 'build', 'icons');

  it('are where the configuration says', async () => {
    for (const platform of ['linux', 'mac', 'win']) {
      const { icon } = config[platform] as { readonly icon: string };
      expect(existsSync(path.join(root, icon)), icon).toBe(true);
    }
    expect((await stat(path.join(icons, 'app'))).isDirectory()).toBe(true);
  });

  it.each([
    ...[16, 32, 48, 64, 128, 256, 512].map((size) => [`app/${size}x${size}.png`, size] as const),
    ...['idle', 'none', 'attention'].flatMap(
      (shape) =>
        [
          [`tray/${shape}.png`, 22],
          [`tray/${shape}@2x.png`, 44],
          [`tray/${shape}Template.png`, 16],
          [`tray/${shape}Template@2x.png`, 32],
        ] as const,
    ),
  ])('%s is a PNG of %i pixels', (name, size) => {
    expect(sizeOf(readFileSync(path.join(icons, name)))).toEqual([size, size]);
  });

  it.each([
    ['app.ico', [16, 24, 32, 48, 64, 128, 256]],
    ['tray/idle.ico', [16, 20, 24, 32, 48]],
    ['tray/none.ico', [16, 20, 24, 32, 48]],
    ['tray/attention.ico', [16, 20, 24, 32, 48]],
  ])('%s holds the sizes %j, each where its directory says', (name, sizes) => {
    const images = readIco(readFileSync(path.join(icons, name)));
    expect(images.map(({ size }) => size)).toEqual(sizes);
    for (const { size, content } of images) expect(sizeOf(content)).toEqual([size, size]);
  });

  it('app.icns holds a PNG of the right size for every type', () => {
    const file = readIcns(readFileSync(path.join(icons, 'app.icns')));
    expect(Object.fromEntries([...file].map(([type, png]) => [type, sizeOf(png)[0]]))).toEqual({
      icp4: 16,
      icp5: 32,
      ic07: 128,
      ic08: 256,
      ic09: 512,
      ic10: 1024,
      ic11: 32,
      ic12: 64,
      ic13: 256,
      ic14: 512,
    });
  });
});
