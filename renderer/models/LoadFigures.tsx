import { useId } from 'react';
import type { Latency, ModelLoad } from '#common/servers.ts';
import { useFormats, useWords } from '../state/language.ts';
import css from './LoadFigures.module.css';
import { modelWords } from './words.ts';

interface Props {
  /** The model's, for those who do not see where it stands. */
  readonly name: string;
  readonly load: ModelLoad;
}

/** All that a server's metrics say of a model at the moment. */
export function LoadFigures({ name, load }: Props) {
  const words = useWords(modelWords);
  return (
    <section className={css.figures} aria-label={words.load(name)}>
      <Requests load={load} />
      <Tokens load={load} />
      <Cache load={load} />
      <Latencies load={load} />
    </section>
  );
}

type Part = Pick<Props, 'load'>;

function Requests({ load: { running, waiting, finished } }: Part) {
  const words = useWords(modelWords);
  const { count, whole } = useFormats();
  const reasons: Readonly<Record<string, string>> = words.reasons;
  const entries = Object.entries(finished);
  return (
    <Figures title={words.requests}>
      <Figure name={words.running} value={count(running)} />
      <Figure name={words.waiting} value={count(waiting)} />
      {entries.map(([reason, n]) => (
        <Figure key={reason} name={`${words.finished}, ${reasons[reason] ?? reason}`} value={whole(n)} />
      ))}
    </Figures>
  );
}

function Tokens({ load }: Part) {
  const words = useWords(modelWords);
  const { count } = useFormats();
  const rate = (perSecond: number | null) => (perSecond === null ? '–' : words.perSecond(count(perSecond)));
  return (
    <Figures title={words.tokens}>
      <Figure name={words.prompts} value={rate(load.promptTokensPerSecond)} />
      <Figure name={`${words.prompts}, ${words.sinceStart}`} value={count(load.promptTokensTotal)} />
      <Figure name={words.answers} value={rate(load.generationTokensPerSecond)} />
      <Figure name={`${words.answers}, ${words.sinceStart}`} value={count(load.generationTokensTotal)} />
    </Figures>
  );
}

function Cache({ load }: Part) {
  const words = useWords(modelWords);
  const { pct, whole } = useFormats();
  return (
    <Figures title={words.cache}>
      <Figure name={words.kvUse} value={pct(load.kvCachePct)} />
      <Figure name={words.prefixHits} value={pct(load.prefixHitPct)} />
      <Figure name={words.preemptions} value={whole(load.preemptionsTotal)} />
    </Figures>
  );
}

function Figures({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  const id = useId();
  return (
    <div>
      <p className={css.figuresTitle} id={id}>
        {title}
      </p>
      <dl className={css.figureList} aria-labelledby={id}>
        {children}
      </dl>
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Latencies({ load: { ttft, interToken, endToEnd } }: Part) {
  const words = useWords(modelWords);
  return (
    <table className={css.latencies}>
      <thead>
        <tr>
          <th scope="col" className={css.figuresTitle}>
            {words.latencies}
          </th>
          <th scope="col" className="number">
            {words.p50}
          </th>
          <th scope="col" className="number">
            {words.p95}
          </th>
        </tr>
      </thead>
      <tbody>
        <LatencyRow name={words.firstToken} latency={ttft} />
        <LatencyRow name={words.interToken} latency={interToken} />
        <LatencyRow name={words.endToEnd} latency={endToEnd} />
      </tbody>
    </table>
  );
}

function LatencyRow({ name, latency }: { readonly name: string; readonly latency: Latency | null }) {
  const formats = useFormats();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{formats.latency(latency?.p50Ms ?? null)}</td>
      <td className="number">{formats.latency(latency?.p95Ms ?? null)}</td>
    </tr>
  );
}
