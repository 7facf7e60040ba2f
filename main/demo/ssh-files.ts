/** The client's side of the demo cluster as text: what its `ssh_config` and `known_hosts` say. Formats: ssh_config(5), sshd(8). */

export interface ConfiguredHost {
  readonly alias: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA...`; null where nothing answers. */
  readonly hostKey: string | null;
  /** Whether known_hosts has the key; a person is asked about it otherwise. */
  readonly known: boolean;
}

export interface ClientPaths {
  readonly identity: string;
  readonly knownHosts: string;
}

export const demoUser = 'demo';

/** Every block is complete, so that a reader who knows only simple blocks understands it too. */
export function sshConfig(hosts: readonly ConfiguredHost[], paths: ClientPaths): string {
  const blocks = hosts.map(({ alias, port, known }) =>
    [
      `Host ${alias}`,
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      `  User ${demoUser}`,
      `  IdentityFile ${quoted(paths.identity)}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile ${quoted(paths.knownHosts)}`,
      '  GlobalKnownHostsFile /dev/null',
      `  StrictHostKeyChecking ${known ? 'yes' : 'ask'}`,
      '',
    ].join('\n'),
  );
  return [
    '# The vllm-tray demo cluster: simulated hosts on this computer. Removed when the app ends.\n',
    ...blocks,
  ].join('\n');
}

export function knownHosts(hosts: readonly ConfiguredHost[]): string {
  return hosts
    .flatMap(({ port, hostKey, known }) =>
      hostKey === null || !known ? [] : [`[127.0.0.1]:${port} ${hostKey}\n`],
    )
    .join('');
}

// A percent sign would begin a token.
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`;
