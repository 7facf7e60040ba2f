import type { ModelLoad } from '#common/model.ts';
import { loadOf, type ModelRow } from '#common/select.ts';
import { useFormats, useWords } from '../state/language.ts';
import { modelWords } from './words.ts';

/** What all models of these rows do together, as far as their servers tell. */
export function LoadTotals({ rows }: { readonly rows: readonly ModelRow[] }) {
  const words = useWords(modelWords);
  const { count } = useFormats();
  const loads = new Set(
    rows.flatMap(({ server, model }) => (model === null ? [] : (loadOf(server, model) ?? []))),
  );
  const sum = (value: (load: ModelLoad) => number | null): string => count(sumKnown([...loads].map(value)));
  return (
    <ul className="totals" aria-label={words.totals}>
      <li>{words.totalRunning(sum((load) => load.running))}</li>
      <li>{words.totalWaiting(sum((load) => load.waiting))}</li>
      <li>{words.totalIn(sum((load) => load.promptTokensPerSecond))}</li>
      <li>{words.totalOut(sum((load) => load.generationTokensPerSecond))}</li>
    </ul>
  );
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
