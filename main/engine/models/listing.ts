/** What `/v1/models` says: which models there are, and which engine lists them. Pure. */

import type { EngineKind } from '#common/servers.ts';
import { unnamed } from './engines/engine.ts';
import { allEngines } from './engines/registry.ts';
import { type ListedModel, type ModelCard, modelsOf, parseModelCards } from './model-cards.ts';

export interface Listing {
  readonly models: readonly ListedModel[];
  readonly engine: EngineKind;
}

/**
 * Reads the body of a `200` to `GET /v1/models`. Its engine is the one that its entries name, if any.
 * Error: `server-not-openai`, whose detail says what the answer was instead.
 */
export function parseModelList(body: string, contentType = ''): Listing {
  const cards = parseModelCards(body, contentType);
  return { models: modelsOf(cards), engine: engineOf(cards) };
}

function engineOf(cards: readonly ModelCard[]): EngineKind {
  for (const card of cards) {
    const engine =
      allEngines.find(({ owners }) => owners.includes(card.owned_by)) ??
      allEngines.find(({ wrote }) => wrote?.(card) ?? false);
    if (engine !== undefined) return engine.kind;
  }
  return unnamed;
}
