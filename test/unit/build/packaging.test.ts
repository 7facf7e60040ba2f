import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { getConfig, validateConfiguration } from '../../electron/builder.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const debug = { isEnabled: false } as const;

let config: Record<string, unknown>;

beforeAll(async () => {
  config = await getConfig(root, path.join(root, 'build', 'electron-builder.yml'), null);
});

describe('electron-builder.yml', () => {
  it('is what the schema of electron-builder asks for', async () => {
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
    });
  });

  it('writes the packages where the next package does not take them in', () => {
    expect(config.directories).toMatchObject({ output: 'dist/packages' });
    const filters = (config.files as readonly { readonly filter: readonly string[] }[]).flatMap(
      ({ filter }) => filter,
    );
    const taken = filters.filter((filter) => !filter.startsWith('!') && filter.startsWith('dist'));
    expect(taken.filter((filter) => !/^dist\/(electron|preload|renderer)\//.test(filter))).toEqual([]);
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
    expect(pngSize(readFileSync(path.join(icons, name)))).toEqual([size, size]);
  });

  it.each([
    ['app.ico', [16, 24, 32, 48, 64, 128, 256]],
    ['tray/idle.ico', [16, 20, 24, 32, 48]],
    ['tray/none.ico', [16, 20, 24, 32, 48]],
    ['tray/attention.ico', [16, 20, 24, 32, 48]],
  ])('%s holds the sizes %j, each where its directory says', (name, sizes) => {
    const file = readFileSync(path.join(icons, name));
    expect([file.readUInt16LE(0), file.readUInt16LE(2), file.readUInt16LE(4)]).toEqual([0, 1, sizes.length]);
    const entries = sizes.map((_, index) => file.subarray(6 + 16 * index, 22 + 16 * index));
    expect(entries.map((entry) => entry.readUInt8(0) || 256)).toEqual(sizes);
    for (const [index, entry] of entries.entries()) {
      const body = file.subarray(entry.readUInt32LE(12), entry.readUInt32LE(12) + entry.readUInt32LE(8));
      const size = sizes[index] ?? 0;
      // A bitmap in an icon claims twice its height: the picture, then its mask.
      const found =
        body.readUInt32LE(0) === 40 ? [body.readInt32LE(4), body.readInt32LE(8) / 2] : pngSize(body);
      expect(found).toEqual([size, size]);
    }
    const last = entries.at(-1) as Buffer;
    expect(last.readUInt32LE(12) + last.readUInt32LE(8)).toBe(file.length);
  });

  it('app.icns holds a PNG of the right size for every type', () => {
    const sizes: Readonly<Record<string, number>> = {
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
    };
    const file = readFileSync(path.join(icons, 'app.icns'));
    expect([file.toString('latin1', 0, 4), file.readUInt32BE(4)]).toEqual(['icns', file.length]);
    const found: Record<string, number> = {};
    for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) {
      const [width = 0] = pngSize(file.subarray(at + 8));
      found[file.toString('latin1', at, at + 4)] = width;
    }
    expect(found).toEqual(sizes);
  });
});

/** Width and height from the header chunk of a PNG. */
function pngSize(file: Buffer): readonly number[] {
  expect(file.toString('latin1', 0, 8)).toBe('\x89PNG\r\n\x1a\n');
  return [file.readUInt32BE(16), file.readUInt32BE(20)];
}
