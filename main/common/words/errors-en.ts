/**
 * The words of every failure in English: what tray, window, notification and terminal show. A code is a key here; what follows
 * from it stands in failure.ts, and its words in other languages beside this file.
 */

import { gpuToolNames } from '../gpu-tools.ts';

export interface ErrorWords {
  /** One sentence without a full stop: what happened. */
  readonly title: string;
  /** One sentence: what the reader can do. */
  readonly hint: string;
}

const text = (title: string, hint: string): ErrorWords => ({ title, hint });

export const errorsEn = {
  'resolve-failed': text(
    'The SSH configuration for this host could not be read',
    'Run the command shown and fix what ssh reports.',
  ),
  'proxy-unsupported': text(
    'This proxy configuration is not supported yet',
    'Use ProxyJump, or a ProxyCommand without custom %-tokens.',
  ),
  'dns-failed': text(
    'The host name could not be resolved',
    'Check HostName in the SSH configuration, and the VPN or DNS of this computer.',
  ),
  'connection-refused': text(
    'The host refused the connection',
    'Check that sshd runs there and that the port is right.',
  ),
  'connection-timeout': text(
    'The host did not answer in time',
    'Check that it is powered on and reachable from this network or VPN.',
  ),
  'host-unreachable': text(
    'There is no network route to the host',
    'Check the VPN or network of this computer.',
  ),
  'connection-lost': text('The connection was lost', 'No action needed: it reconnects automatically.'),
  'not-measured': text(
    'The host was not measured for too long',
    'No action needed: it is measured as soon as possible. Rescan to do it now.',
  ),
  'proxy-failed': text('The jump host or proxy command failed', 'Run the command shown to see its output.'),
  'not-ssh': text('The service on this port is not an SSH server', 'Check Port in the SSH configuration.'),
  'algorithm-mismatch': text(
    'No common key exchange, cipher or host key algorithm',
    'The server is too old or too strict for the built-in client; update it or allow a common algorithm.',
  ),
  throttled: text(
    'The SSH server is refusing connections for now',
    'It has too many pending logins or has penalised this address; retrying later.',
  ),
  'hostkey-unknown': text(
    'The host key is not known',
    'Compare the fingerprint with the one from its administrator; accept the key if they match.',
  ),
  'hostkey-changed': text(
    'The host key has CHANGED: this may be another machine',
    'Ask its administrator; if the change is legitimate, remove the old key with the command shown.',
  ),
  'hostkey-revoked': text(
    'The host key is marked as revoked in known_hosts',
    'Do not connect; ask the administrator of the host.',
  ),
  'known-hosts-unreadable': text(
    'A known_hosts file could not be read, so the host key cannot be checked',
    'Make the file below readable, or shorter if it is too large; the host is retried automatically.',
  ),
  'auth-failed': text(
    'The host accepted none of the keys',
    'Check User and IdentityFile, add the key to the agent, or copy it there with ssh-copy-id; if it accepts a password, log in.',
  ),
  'auth-no-key': text(
    'There is no key to log in with',
    'Start an agent and add a key with ssh-add, or set IdentityFile.',
  ),
  'auth-locked': text(
    'The key for this host has a passphrase',
    'Log in to unlock it until you quit, or add it to the agent with ssh-add.',
  ),
  'auth-interactive': text(
    'The host asks for a password or a code',
    'Log in to answer; the app never prompts on its own.',
  ),
  'auth-waiting': text(
    'A login to a jump host is waiting for your answer',
    'Answer the question; the host is then retried.',
  ),
  'auth-timeout': text(
    'The login timed out waiting for you',
    'Log in again: answer its question, or confirm the key where the agent or security key asks for it.',
  ),
  'auth-too-many': text(
    'The host gave up after too many keys',
    'Set IdentityFile and IdentitiesOnly yes for it, so that the right key comes first.',
  ),
  'account-refused': text(
    'The host refuses this account',
    'Read its message; a cluster node may accept logins only while you have a job on it.',
  ),
  'needs-job': text(
    'The node accepts logins only while you have a job on it',
    'Start a job on it, for example with salloc, then try again.',
  ),
  'no-shell': text(
    'The account has no usable shell',
    'The app needs to run /bin/sh there; check the login shell and ForceCommand.',
  ),
  'sessions-exhausted': text(
    'The host refuses another session on this connection',
    'Raise MaxSessions in its sshd_config, at least to 2.',
  ),
  'probe-timeout': text(
    'The host did not answer the probe in time',
    'It may be overloaded; it is retried automatically.',
  ),
  'probe-garbled': text(
    'The host sent output that could not be parsed',
    'Check what its login shell and its GPU tool print.',
  ),
  'no-gpu-tool': text(
    'There is no GPU tool on this host',
    `No action needed if it has no GPU; looked for: ${gpuToolNames.join(', ')}.`,
  ),
  'no-gpu-devices': text('The host sees no GPU', 'Check that the GPUs are visible to this machine.'),
  'history-file': text(
    'The history cannot be kept in its file',
    'Check the path below: its folder must be writable and the disk not full. Everything else keeps working.',
  ),
  'source-unreachable': text(
    'Prometheus cannot be reached',
    'Check its address, and the VPN or network of this computer.',
  ),
  'source-refused': text(
    'Prometheus refuses the login',
    'Enter its password, token, certificate or header under Settings, Sources.',
  ),
  'source-login': text(
    'The login for Prometheus cannot be used',
    'Check the login and its files under Settings, Sources.',
  ),
  'source-not-prometheus': text(
    'What answers at this address is not Prometheus',
    'Check the address with its path prefix, and whether a login page stands before it.',
  ),
  'source-busy': text('Prometheus is busy', 'It is asked again automatically, less often.'),
  'source-query': text(
    'Prometheus refuses a query',
    'Check that the address leads to the API of Prometheus, and its limits.',
  ),
  'source-empty': text(
    'Prometheus has no series of GPUs or models',
    'Check that an exporter runs on the hosts and is scraped by this Prometheus.',
  ),
  'source-too-many': text(
    'Prometheus has too many series',
    'Add a Prometheus with fewer hosts, or a tenant header that limits them.',
  ),
  'exporter-down': text(
    'The exporter does not answer Prometheus',
    'Check that the host is up and that its exporter runs.',
  ),
  'samples-stale': text(
    'Prometheus has no new samples of this host',
    'Check that the host is up and that its exporter is scraped.',
  ),
  'no-ssh': text(
    'This host is known from Prometheus alone',
    'Add it to the SSH configuration to forward ports and log in.',
  ),
  'gpu-tool-failed': text(
    'The GPU tool of this host fails',
    'Read its message below; a driver restart often helps.',
  ),
  'gpu-tool-hung': text(
    'The GPU tool of this host is not responding',
    'The driver hangs; check dmesg on the host. No further call is made until it exits.',
  ),
  'forwarding-prohibited': text(
    'The host does not allow forwarding',
    'Ask its administrator for AllowTcpForwarding yes (or PermitOpen for this port) in sshd_config.',
  ),
  'socket-missing': text(
    'There is no such socket on the host',
    'Check the path; the server makes it when it starts.',
  ),
  'socket-unsupported': text(
    'The ssh of this computer cannot forward to sockets',
    'Update it to OpenSSH 9.4, or choose the built-in client for this host in Settings.',
  ),
  'socket-denied': text(
    'This user may not connect to the socket',
    'Ask the owner of the socket for access to it and to its folder.',
  ),
  'target-refused': text('Nothing listens on the remote port', 'Start the server there, then try again.'),
  'server-timeout': text(
    'The server did not answer in time',
    'It may still be loading its model; try again later.',
  ),
  'server-not-openai': text(
    'The port does not answer with a model list',
    'It may be another kind of server, or behind a proxy.',
  ),
  'server-error': text('The server answered with an error', 'Read its log on the host.'),
  'port-in-use': text(
    'The local port is taken by another program',
    'Choose another port, or leave it empty for the next free one.',
  ),
  'ports-exhausted': text(
    'No local port of the range is free',
    'Stop some forwards or widen the range in the settings.',
  ),
  'forward-dead': text(
    'Nothing listens on its local port',
    'Its ssh has ended or never got the port; end what is left and open the forward again.',
  ),
  'tmux-missing': text(
    'There is no tmux on this computer',
    'Install tmux, or open the forward in the app itself.',
  ),
  'tmux-failed': text('tmux failed', 'See its message below.'),
  'gpus-busy': text(
    'The GPUs for this model are not free',
    'Choose fewer GPUs, others or another host, or wait until they are free.',
  ),
  'launch-refused': text('The model was not started', 'See the cause below; nothing runs on the host.'),
  'forwards-file': text(
    'The local ports of forwards cannot be remembered',
    'Check the folder below: it must be writable and the disk not full. Everything else keeps working.',
  ),
  'port-forbidden': text('This port needs elevated privileges', 'Choose a port above 1023.'),
  'config-unreadable': text(
    'A part of the SSH configuration could not be read',
    'Fix the file or line below; the rest was read.',
  ),
  'known-hosts-unwritten': text(
    'A new host key could not be added to known_hosts',
    'Make the file below writable and free some disk space; until then the key is new each time.',
  ),
  'settings-broken': text(
    'The settings file contained invalid values',
    'They were replaced by the defaults; the rest was kept.',
  ),
  'settings-not-saved': text(
    'The settings could not be stored',
    'They apply until you quit. Make the folder below writable and free some disk space.',
  ),
  'ticket-reused': text(
    'The one-time address for the browser was opened a second time',
    'If you did not reload it, another user of this computer has seen it: quit the app and check who is logged in.',
  ),
  'token-file': text(
    'The token file cannot be used',
    'It must be your own file, not readable by others (chmod 600), with a token of 32 or more letters, digits, - and _; if there is none, it is created.',
  ),
  'open-files': text(
    'The app may open no more files and connections',
    'Raise the limit (ulimit -n) and restart it, or close forwards; until then some hosts, models and connections fail.',
  ),
  'connections-cut': text(
    'Too many connections came in at once, so idle ones were cut',
    'If none of your programs opened them, check who else uses this computer.',
  ),
  'autostart-failed': text(
    'Start at login could not be changed',
    'Read the cause below; the system also has its own list of login items.',
  ),
  'no-tray': text(
    'This desktop shows no tray icons',
    'Closing the window quits. On GNOME install the AppIndicator extension, or turn off "close to tray".',
  ),
  'no-sandbox': text(
    'The window runs without the sandbox of Chromium',
    'A fault in the page would have the rights of your account. Start the app without --no-sandbox; where this system allows no sandbox, the deb package brings a profile that does.',
  ),
  'no-notifications': text(
    'The system shows no notifications of this app',
    'Allow them in the settings of the system. On macOS only a signed app may show them; the bell in the window lists all of them.',
  ),
  'host-lost': text(
    'The host has stopped answering',
    'Forward it when the host is back; retries are automatic.',
  ),
  'not-found': text('It no longer exists', 'Rescan to see what is there now.'),
  'bad-request': text('The request was not understood', 'Reload the window; if it happens again, report it.'),
  unsupported: text('Not available here', 'Use the desktop app or the command line for it.'),
  cancelled: text('Cancelled', 'Start it again at any time.'),
  internal: text('Something went wrong inside the app', 'Restart it; if it happens again, report it.'),
} as const satisfies Record<string, ErrorWords>;
