/** The environment for other programs, which is not always the one that the app itself was started with. */

/** Variables that the runtime of an AppImage sets for the program in it (AppImageKit, type2-runtime). */
const ofAppImage: ReadonlySet<string> = new Set(['APPDIR', 'APPIMAGE', 'OWD', 'ARGV0']);

/**
 * Returns the environment without what an AppImage adds: its own variables, and in lists (PATH, LD_LIBRARY_PATH,
 * XDG_DATA_DIRS and any other) the entries below its mount. That mount is gone when the app has ended, but a tmux server or
 * a browser that was started from it lives on; and another program's libraries are not the AppImage's. Everything else
 * stays; a list of which nothing is left goes.
 */
export function withoutAppImage(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { APPDIR: mount } = env;
  if (!mount) return env;
  const isInside = (entry: string): boolean => entry === mount || entry.startsWith(`${mount}/`);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value = '']) => {
      if (ofAppImage.has(name)) return [];
      const entries = value.split(':');
      if (!entries.some(isInside)) return [[name, value]];
      const left = entries.filter((entry) => entry !== '' && !isInside(entry));
      return left.length === 0 ? [] : [[name, left.join(':')]];
    }),
  );
}

/** Makes `target` (the process's own environment) equal to `env`, in place: programs that Electron starts see no other. */
export function replaceEnvironment(target: NodeJS.ProcessEnv, env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(target)) if (!(name in env)) delete target[name];
  Object.assign(target, env);
}
