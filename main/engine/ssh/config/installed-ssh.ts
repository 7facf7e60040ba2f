import { run } from '../io/child.ts';
import { unattended } from '../io/unattended.ts';
import { connectionHash, type JumpRules } from './expand.ts';

const timeoutMs = 5000;

/** What depends on the version of the `ssh` that is installed. Each is asked for once and remembered. Never rejects. */
export interface InstalledSsh {
  /** Whether Include takes tokens and variables: OpenSSH does since 9.9. True where there is no ssh. */
  expandsIncludes(): Promise<boolean>;
  /** Whether `-W` takes the path of a socket: from OpenSSH 9.4 on; older ones open a shell for it. False where that is unknown. */
  forwardsToSockets(): Promise<boolean>;
  jumpRules(): Promise<JumpRules>;
  /** Why ssh refuses this configuration, for a host that no line names; null when it does not. Not remembered. */
  refusal(configPath: string): Promise<Refusal | null>;
  /** The home directory of another user of this computer; null when there is none of that name. */
  homeOf(user: string): Promise<string | null>;
}

export interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

const byPath = new Map<string, InstalledSsh>();

/** The one that the PATH of `env` leads to. */
export function installedSsh(env: NodeJS.ProcessEnv): InstalledSsh {
  const key = env.PATH ?? '';
  const found = byPath.get(key) ?? createInstalledSsh(env);
  byPath.set(key, found);
  return found;
}

function createInstalledSsh(env: NodeJS.ProcessEnv): InstalledSsh {
  let version: Promise<readonly [major: number, minor: number] | null> | undefined;
  let rules: Promise<JumpRules> | undefined;
  const homes = new Map<string, Promise<string | null>>();

  const output = async (program: string, args: readonly string[]): Promise<string | null> => {
    const result = await run(program, args, { env, timeoutMs });
    if (result.kind !== 'ended') return null;
    return result.code === 0 ? `${result.stdout}${result.stderr}` : '';
  };

  const askVersion = async (): Promise<readonly [major: number, minor: number] | null> => {
    const said = await output('ssh', ['-V']);
    // "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL ...", "OpenSSH_for_Windows_9.5p1, LibreSSL ..."
    const [, major, minor] = /OpenSSH\D*(\d+)\.(\d+)/.exec(said ?? '') ?? [];
    return major === undefined ? null : [Number(major), Number(minor)];
  };

  const isFrom = async (major: number, minor: number): Promise<boolean | null> => {
    version ??= askVersion();
    const known = await version;
    return known && (known[0] > major || (known[0] === major && known[1] >= minor));
  };

  /** What the text stands for, for a host `h` behind a jump host `j`; null when ssh refuses it. */
  const expanded = async (text: string): Promise<string | null> => {
    const args = [
      '-F',
      'none',
      '-T',
      '-G',
      '-o',
      `ControlPath=/${text}`,
      '-J',
      'j',
      '-l',
      'u',
      '-p',
      '22',
      '--',
      'h',
    ];
    return /^controlpath \/(.*)$/m.exec((await output('ssh', args)) ?? '')?.[1] ?? null;
  };

  const askJumpRules = async (): Promise<JumpRules> => {
    const [hash, token] = await Promise.all([expanded('%C'), expanded('%j')]);
    const target = { alias: 'h', hostname: 'h', port: 22, user: 'u', hostKeyAlias: null };
    return { inHash: hash === connectionHash(target, 'j'), hasToken: token === 'j' };
  };

  /** The shell knows more sources of users than /etc/passwd. */
  const askHome = async (user: string): Promise<string | null> => {
    if (process.platform === 'win32' || !/^[A-Za-z_][\w.-]*$/.test(user)) return null;
    const said = (await output('/bin/sh', ['-c', `echo ~${user}`])) ?? '';
    return said.startsWith('/') ? said.replace(/\n$/, '') : null;
  };

  const refusal = async (configPath: string): Promise<Refusal | null> => {
    const args = ['-F', configPath, '-T', '-G', '--', 'no-such-host'];
    const result = await run('ssh', args, { env: unattended(env), timeoutMs });
    if (result.kind !== 'ended' || result.code === 0) return null;
    // "config: line 1: Bad configuration option: x", "config line 1: no argument after keyword "x""
    const [, file = configPath, line = '1', what = result.stderr] =
      /^(.+?):? line (\d+): (.*)$/m.exec(result.stderr) ?? [];
    return { file, line: Number(line), what };
  };

  return {
    refusal,
    expandsIncludes: async () => (await isFrom(9, 9)) ?? true,
    forwardsToSockets: async () => (await isFrom(9, 4)) ?? false,
    jumpRules: () => (rules ??= askJumpRules()),
    homeOf(user) {
      const known = homes.get(user) ?? askHome(user);
      homes.set(user, known);
      return known;
    },
  };
}
