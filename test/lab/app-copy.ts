import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Reply } from '#common/answer.ts';
import type { CallInput, CallOutput, EngineCallName } from '#common/contract.ts';
import type { Forward } from '#common/forwards.ts';
import type { Settings } from '#common/settings.ts';
import { bundleForNode } from '../support/bundle.ts';

export interface CopyOptions {
  readonly sshConfigPath: string;
  /** The data folder, which copies may share. */
  readonly folder: string;
  readonly settings: Settings;
}

/** A copy of the app in a process of its own, which has begun its work. */
export interface AppCopy {
  forwards(): Promise<readonly Forward[]>;
  open(hostId: string, remotePort: number): Promise<Forward>;
  closeAll(): Promise<void>;
  /** As a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

export async function startCopy(options: CopyOptions): Promise<AppCopy> {
  const program = join(options.folder, 'app-copy.mjs');
  await bundleForNode("import './test/lab/app-copy-program.ts';", program);
  const child = fork(program, [JSON.stringify(options)]);
  await once(child, 'message');
  const call = async <Name extends EngineCallName>(
    name: Name,
    input: CallInput<Name>,
  ): Promise<CallOutput<Name>> => {
    child.send({ name, input });
    const [reply] = (await once(child, 'message')) as [Reply<CallOutput<Name>>];
    if (!reply.ok) throw new Error(`${name}: ${reply.error.code} ${reply.error.detail}`);
    return reply.value;
  };
  return {
    forwards: async () => (await call('snapshot.get', {})).forwards,
    open: (hostId, remotePort) => call('forward.open', { hostId, remotePort }),
    async closeAll() {
      await call('forward.closeAll', {});
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
