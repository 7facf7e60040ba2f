import type { ModelLoad } from '#common/servers.ts';
import { useFormats, useWords } from '../state/language.ts';
import css from './LoadTotals.module.css';
import { loadOfRow, type ModelRow } from './model-groups.ts';
import { sum as sumOf } from './replicas.ts';
import { modelWords } from './words.ts';

/** What all models of these rows do together, as far as their servers tell. */
export function LoadTotals({ rows }: { readonly rows: readonly ModelRow[] }) {
  const words = useWords(modelWords);
  const { count } = useFormats();
  const loads = new Set(rows.flatMap((row) => loadOfRow(row) ?? []));
  const sum = (value: (load: ModelLoad) => number | null): string => count(sumOf([...loads].map(value)));
  return (
    <ul className={css.totals} aria-label={words.totals}>
      <li>{words.totalRunning(sum((load) => load.running))}</li>
      <li>{words.totalWaiting(sum((load) => load.waiting))}</li>
      <li>{words.totalIn(sum((load) => load.promptTokensPerSecond))}</li>
      <li>{words.totalOut(sum((load) => load.generationTokensPerSecond))}</li>
    </ul>
  );
}
