import { expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { rulesText } from '../../../renderer/forwards/auto-forward-text.ts';
import { forwardWords } from '../../../renderer/forwards/words.ts';

test('the rules of auto-forward fit in a line', () => {
  const { autoForward } = defaultSettings;
  const text = (change: Partial<typeof autoForward>) =>
    rulesText({ ...autoForward, ...change }, forwardWords.en, (ms) => `${ms / 1000} s`);
  expect(text({})).toBe('every model, on all hosts; closes 60 s after its model is gone.');
  expect(
    text({
      allowModels: ['llama*', 'b', 'c', 'd', 'e'],
      denyModels: ['*draft*'],
      allowHosts: ['gpu-*'],
      denyHosts: ['gpu-9'],
      keepGone: true,
      tmux: true,
    }),
  ).toBe(
    'models llama* b c d …, not *draft*, on hosts gpu-*, not on gpu-9, as tmux sessions; stays when its model is gone.',
  );
});
