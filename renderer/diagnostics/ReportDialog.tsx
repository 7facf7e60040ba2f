import { useEffect, useState } from 'react';
import type { ExportedFile } from '#common/export.ts';
import { AppError } from '#common/failure.ts';
import { errorWords } from '#common/words/states.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useLanguage } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import css from './ReportDialog.module.css';
import { diagnosticsWords } from './words.ts';

/** The report to read, and then to copy or save. */
export function ReportDialog({ onClose }: { readonly onClose: () => void }) {
  const { actions } = useServices();
  const language = useLanguage();
  const words = diagnosticsWords[language];
  const report = useReport();
  const isThere = typeof report === 'object' && report !== null && 'text' in report;
  const copy = async () => {
    // The message that it is copied stands behind the dialog.
    if (isThere && (await actions.copy(report.text, words.reportName))) onClose();
  };
  return (
    <Dialog title={words.reportTitle} onClose={onClose} wide>
      <div className="dialog-body">
        <p className="dim">{words.reportIntro}</p>
        {report === null && <p role="status">{words.making}</p>}
        {report instanceof AppError && (
          <p className="bad-text" role="alert">
            {errorWords(report.code, language).title}
          </p>
        )}
        {isThere && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has nothing else to focus
          <section className={css.report} tabIndex={0} aria-label={words.reportText}>
            <pre>{report.text}</pre>
          </section>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {words.close}
          </button>
          <button
            type="button"
            className="button"
            aria-disabled={!isThere}
            onClick={() => {
              if (isThere) void actions.saveFile(Promise.resolve(report));
            }}
          >
            {words.save}
          </button>
          <button
            type="button"
            className="button button-accent"
            aria-disabled={!isThere}
            onClick={() => void copy()}
          >
            {words.copy}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** Null while it is on its way. */
function useReport(): ExportedFile | AppError | null {
  const { bridge } = useServices();
  const [report, setReport] = useState<ExportedFile | AppError | null>(null);
  useEffect(() => {
    let gone = false;
    const show = (answer: ExportedFile | AppError) => {
      if (!gone) setReport(answer);
    };
    bridge
      .call('report.get', {})
      .then(show, (error: unknown) => show(error instanceof AppError ? error : new AppError('internal')));
    return () => {
      gone = true;
    };
  }, [bridge]);
  return report;
}
