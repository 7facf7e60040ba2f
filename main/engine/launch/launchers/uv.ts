import { AppError } from '#common/failure.ts';
import { execLine, type Launcher, vllmWords } from './launcher.ts';

/** An environment that uv makes for the occasion, and keeps in its cache (vLLM, "Installation": `uv run --with vllm`). */
export const uv: Launcher<'uv'> = {
  line(work, _choice, facts) {
    if (!facts.uv)
      throw new AppError('launch-refused', { step: 'launch', detail: 'there is no uv on the host' });
    return execLine(work, ['uv', 'run', '--no-project', '--with', 'vllm', 'vllm', ...vllmWords(work)]);
  },
  killLine: () => null,
};
