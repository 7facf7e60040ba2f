import { useState } from 'react';
import { knownError } from '#common/failure.ts';
import type { PrometheusSource, SourceReport } from '#common/prometheus.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Fact, Facts } from '../components/Fact.tsx';
import { showWhole } from '../fields/SettingRow.tsx';
import { useFormats, useLanguage } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import css from './SourcesSection.module.css';
import { sourceWords } from './source-words.ts';

interface Props {
  readonly source: PrometheusSource;
  readonly secrets: { readonly login: string | null; readonly header: string | null };
  readonly canTest: boolean;
  /** Buttons beside its own. */
  readonly children: React.ReactNode;
}

type Test =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'found'; readonly report: SourceReport }
  | { readonly kind: 'failed'; readonly text: string; readonly hint: string };

/** Asks the source as it is set up, and says what was found or what is wrong. */
export function SourceTest({ source, secrets, canTest, children }: Props) {
  const { bridge } = useServices();
  const language = useLanguage();
  const words = sourceWords[language];
  const [test, setTest] = useState<Test>({ kind: 'none' });
  const run = async () => {
    setTest({ kind: 'running' });
    try {
      setTest({ kind: 'found', report: await bridge.call('source.test', { source, ...secrets }) });
    } catch (error) {
      const known = knownError(error);
      const code = known?.code ?? 'internal';
      const detail = detailText(known?.detail ?? '', language);
      const { title, hint } = errorWords(code, language);
      setTest({ kind: 'failed', text: detail === '' ? title : `${title} (${detail})`, hint });
    }
  };
  return (
    <>
      <div className={css.buttons}>
        {children}
        <button
          type="button"
          className="button"
          disabled={!canTest || test.kind === 'running'}
          onClick={() => void run()}
        >
          {test.kind === 'running' ? words.testing : words.test}
        </button>
      </div>
      <div role="status">
        {test.kind === 'found' && <Report report={test.report} />}
        {test.kind === 'failed' && (
          <div className={css.report} ref={showWhole}>
            <p className="bad-text">{test.text}</p>
            <p className="dim">{test.hint}</p>
          </div>
        )}
      </div>
    </>
  );
}

/** From here on a difference of clocks is more than the time that an answer takes. */
const noticeableMs = 30_000;

function Report({ report }: { readonly report: SourceReport }) {
  const language = useLanguage();
  const words = sourceWords[language];
  const { tenth, age } = useFormats();
  const { nameSet, utilUnit, scrapeMs, version, partial, clockDifferenceMs } = report;
  const wrongByMs = Math.abs(clockDifferenceMs);
  return (
    <section className={css.report} aria-label={words.report} ref={showWhole}>
      <Facts>
        <Fact name={words.exporters}>
          {report.exporters.map(({ kind }) => words.exporterNames[kind]).join(', ')}
        </Fact>
        <Fact name={words.hosts}>{words.hostsOf(report.hosts, report.joined)}</Fact>
        <Fact name={words.gpus}>{report.gpus}</Fact>
        <Fact name={words.series}>{report.series}</Fact>
        {scrapeMs !== null && <Fact name={words.scrape}>{words.seconds(tenth(scrapeMs / 1000))}</Fact>}
        {nameSet !== null && <Fact name={words.nameSet}>{words.nameSets[nameSet]}</Fact>}
        {utilUnit !== null && <Fact name={words.utilUnit}>{words.utilUnits[utilUnit]}</Fact>}
        <Fact name={words.clock}>
          {wrongByMs < noticeableMs
            ? words.seconds(tenth(clockDifferenceMs / 1000))
            : words[clockDifferenceMs > 0 ? 'clockAhead' : 'clockBehind'](age(wrongByMs))}
        </Fact>
        {version !== null && <Fact name={words.version}>{version}</Fact>}
        {partial !== null && <Fact name={words.partial}>{detailText(partial, language)}</Fact>}
      </Facts>
    </section>
  );
}
