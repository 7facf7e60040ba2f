import { AppError } from '#common/failure.ts';
import { execLine, type Launcher, vllmWords } from './launcher.ts';

/** The `vllm` that the login shell finds. */
export const plain: Launcher<'plain'> = {
  line(work, _choice, { vllm }) {
    if (vllm === null)
      throw new AppError('launch-refused', {
        step: 'launch',
        detail: 'there is no vllm in the PATH of the login shell',
      });
    return execLine(work, ['vllm', ...vllmWords(work)]);
  },
  killLine: () => null,
};
