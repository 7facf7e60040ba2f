import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replaceEnvironment, withoutAppImage } from '../../main/electron/environment.ts';

const mount = '/tmp/.mount_vllm-tXyZ';

it('takes out what an AppImage adds, from every list, and nothing else', () => {
  const env = {
    APPDIR: mount,
    APPIMAGE: '/home/me/vllm-tray.AppImage',
    OWD: '/home/me',
    ARGV0: './vllm-tray.AppImage',
    PATH: `${mount}:${mount}/usr/sbin:/usr/local/bin:/usr/bin`,
    LD_LIBRARY_PATH: `${mount}/usr/lib`,
    XDG_DATA_DIRS: `${mount}/usr/share/::/usr/share/gnome:/usr/share/`,
    GSETTINGS_SCHEMA_DIR: `${mount}/usr/share/glib-2.0/schemas`,
    PYTHONPATH: `/opt/py:${mount}/usr/lib/python3`,
    NEIGHBOUR: `${mount}-other/bin:/x`,
    HOME: '/home/me',
    URL: 'http://localhost:16100/v1',
  };
  expect(withoutAppImage(env)).toEqual({
    PATH: '/usr/local/bin:/usr/bin',
    XDG_DATA_DIRS: '/usr/share/gnome:/usr/share/',
    PYTHONPATH: '/opt/py',
    NEIGHBOUR: `${mount}-other/bin:/x`,
    HOME: '/home/me',
    URL: 'http://localhost:16100/v1',
  });
});

it('leaves an environment without a mount as it is', () => {
  const env = { PATH: '/usr/bin', LD_LIBRARY_PATH: '/opt/lib', OWD: '/x' };
  expect(withoutAppImage(env)).toBe(env);
});

it('leaves no word of the mount, whatever the lists hold', () => {
  const entry = fc.oneof(
    fc.constantFrom(mount, `${mount}/usr/lib`, `${mount}/`, '', '/usr/lib'),
    fc.string({ maxLength: 8 }).filter((text) => !text.includes(':') && !text.includes('\0')),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const { LIST = '' } = withoutAppImage({ APPDIR: mount, LIST: entries.join(':') });
      expect(LIST.split(':').filter((one) => one === mount || one.startsWith(`${mount}/`))).toEqual([]);
      const own = entries.filter((one) => one !== '' && one !== mount && !one.startsWith(`${mount}/`));
      expect(LIST.split(':').filter((one) => one !== '')).toEqual(own);
    }),
  );
});

it('replaces an environment in place', () => {
  const target: NodeJS.ProcessEnv = { A: '1', B: '2' };
  replaceEnvironment(target, { B: '3', C: '4' });
  expect(target).toEqual({ B: '3', C: '4' });
});
