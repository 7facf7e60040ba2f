/** The environment of a program under Wine; folders of `path` are searched for programs before those of Windows. */
export function wineEnv(prefix: string, path: readonly string[] = []): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // Wine makes the person's name and folders of these.
    HOME: process.env.HOME,
    USER: 'lab',
    LANG: 'C.UTF-8',
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Neither asks to be downloaded.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    // Wine says that it is a Windows older than Node supports.
    NODE_SKIP_PLATFORM_CHECK: '1',
    ...(path.length > 0 && { WINEPATH: path.map(windowsPath).join(';') }),
  };
}

/** A path of this computer as a program under Wine names it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}
