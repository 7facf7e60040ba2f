/** Files of the Desktop Entry Specification 1.5 (https://specifications.freedesktop.org/desktop-entry/latest/). Pure. */

/** Desktops and their tools put entries of people there too, under the same name. */
const mark = 'X-vllm-tray-StartAtLogin=true';

/** What a desktop starts with a session, as text: the command is its program and its arguments, each as it is. */
export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=vllm-tray',
    'Comment=Idle GPUs, model servers and one-click forwards in the tray',
    'Comment[ru]=Свободные GPU, серверы моделей и проброс портов одним кликом',
    // Where the app was removed or moved, a desktop leaves the entry alone.
    `TryExec=${(command[0] ?? '').replaceAll('\\', '\\\\')}`,
    `Exec=${command.map(execArgument).join(' ')}`,
    'Icon=vllm-tray',
    'Terminal=false',
    'StartupNotify=false',
    'X-GNOME-Autostart-enabled=true',
    mark,
    '',
  ].join('\n');
}

/**
 * Whether a desktop can start such a program at all: its path must not hold an equal sign, by the specification, nor a
 * percent sign, because GLib looks for the file before it undoes the doubling; and control characters cannot be quoted.
 */
export function canBeStarted([program = '', ...args]: readonly string[]): boolean {
  return !/[=%]/.test(program) && [program, ...args].every((word) => !/[\u0000-\u001f\u007f]/.test(word));
}

/** Whether the app may change an entry on its own: it has written it, and the user has not switched it off in the desktop's own list. */
export function isOwn(entry: string): boolean {
  const switchedOff = /^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(entry);
  return entry.split('\n').includes(mark) && !switchedOff;
}

/**
 * One argument of `Exec`: a percent sign is doubled, because it begins a field code; what is reserved goes between double
 * quotes, in which four characters want a backslash; and in the file, every backslash is written twice.
 */
function execArgument(word: string): string {
  const plain = word.replaceAll('%', '%%');
  if (/^[\w@%+:,./=-]+$/.test(plain)) return plain;
  return `"${plain.replace(/["`$\\]/g, '\\$&').replaceAll('\\', '\\\\')}"`;
}
