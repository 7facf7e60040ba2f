import type { Settings } from '#common/settings.ts';
import { keep, readKept } from '../lib/kept.ts';

const kept = 'gateway-model';

/** The model that copied texts name: the one that was chosen last, else a favourite, else the first; null where there is none. */
export function chosenModel(
  models: readonly string[],
  { favourites }: Pick<Settings, 'favourites'>,
): string | null {
  const wanted = [readKept(kept), ...favourites.models];
  return wanted.map((one) => models.find((model) => model === one)).find(Boolean) ?? models[0] ?? null;
}

/** Copied texts name it from now on. */
export function chooseModel(model: string): void {
  keep(kept, model);
}
