import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { AppError } from '#common/failure.ts';
import { createTmux } from '#engine/this-computer/tmux.ts';
import { exitCodes, type Io } from '../io.ts';
import { hasPerson } from '../line-reader.ts';
import { didYouMean, sentences } from '../suggest.ts';

/** Shows the tmux session of this name in the terminal until the person leaves it. Errors: `tmux-missing`. */
export async function attachTmux(name: string, io: Io): Promise<number> {
  const { state, sessions } = await createTmux(io).list();
  if (state === 'missing') throw new AppError('tmux-missing', { step: 'forward' });
  const names = sessions.map((session) => session.name);
  if (!names.includes(name)) {
    io.err.write(`${sentences(`There is no tmux session ${name}.`, didYouMean(name, names))}\n`);
    return exitCodes.failed;
  }
  if (!hasPerson(io)) {
    io.err.write('error: there is no terminal to show it in.\n');
    return exitCodes.badUsage;
  }
  // Within tmux a client changes to it: a session inside a session takes the same keys twice.
  const command = io.env.TMUX ? 'switch-client' : 'attach-session';
  const child = spawn('tmux', ['-u', command, '-t', `=${name}`], { stdio: 'inherit', env: io.env });
  const [code] = await once(child, 'exit');
  return code === 0 ? exitCodes.ok : exitCodes.failed;
}
