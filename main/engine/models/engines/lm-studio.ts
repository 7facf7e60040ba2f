/** LM Studio (https://lmstudio.ai/docs/app/api/endpoints/rest). It has no metrics. */

import { AppError } from '#common/failure.ts';
import type { Ask } from '../answers.ts';
import { type ListedModel, modelsOf, parseModelCards } from '../model-cards.ts';
import type { Engine } from './engine.ts';

export const lmStudio: Engine = {
  kind: 'lmstudio',
  processes: /^(?:lmstudio|lm studio|lms$|llmster)/i,
  owners: ['organization_owner'],
  hasVersion: false,
  identify: async (ask, found) => ({ ...found, models: (await askOwnList(ask)) ?? found.models }),
  relist: askOwnList,
  health: null,
  metrics: null,
};

/** Its own list, which says what is loaded, and how; null where it has none (releases before 0.3.6). */
async function askOwnList(ask: Ask): Promise<readonly ListedModel[] | null> {
  try {
    const answer = await ask('/api/v0/models');
    return answer?.status === 200 ? modelsOf(parseModelCards(answer.body, answer.contentType)) : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'server-not-openai') return null;
    throw error;
  }
}
