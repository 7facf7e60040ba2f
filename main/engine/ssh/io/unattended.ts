/**
 * The environment for an ssh that no person waits for, and for what it starts in turn: the ssh of a jump host, a
 * ProxyCommand. Without these, such an ssh opens dialogs on the desktop, which `BatchMode` of the first one does not stop
 * (readpass.c of OpenSSH; releases before 8.4 know the display alone).
 */
export function unattended(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    SSH_ASKPASS: _askpass,
    DISPLAY: _display,
    WAYLAND_DISPLAY: _wayland,
    SSH_ASKPASS_REQUIRE: _require,
    ...rest
  } = env;
  return { ...rest, SSH_ASKPASS_REQUIRE: 'never' };
}

/** The same as words before a program's own, for one that another program starts (env(1)). */
export const unattendedWords: readonly string[] = [
  'env',
  ...['SSH_ASKPASS', 'DISPLAY', 'WAYLAND_DISPLAY'].flatMap((name) => ['-u', name]),
  'SSH_ASKPASS_REQUIRE=never',
];
