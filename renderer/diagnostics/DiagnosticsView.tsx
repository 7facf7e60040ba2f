import { useEffect, useState } from 'react';
import { Tabs } from '../components/Tabs.tsx';
import { requestsPart } from '../gateway/place.ts';
import { RequestLog } from '../gateway/RequestLog.tsx';
import { useWords } from '../state/language.ts';
import { useRevealed } from '../state/route.ts';
import css from './DiagnosticsView.module.css';
import { HostTroubles } from './HostTroubles.tsx';
import { LogPane } from './LogPane.tsx';
import { ReportDialog } from './ReportDialog.tsx';
import { diagnosticsWords } from './words.ts';

type Part = 'hosts' | 'log' | 'requests';

const contents: Readonly<Record<Part, () => React.ReactNode>> = {
  hosts: HostTroubles,
  log: LogPane,
  requests: RequestLog,
};

/** What helps to find a cause: what is wrong with each host, the log, the requests of the gateway, and a report of the first two. */
export function DiagnosticsView() {
  const words = useWords(diagnosticsWords);
  const asksForRequests = useRevealed() === requestsPart;
  const [part, setPart] = useState<Part>(asksForRequests ? 'requests' : 'hosts');
  useEffect(() => {
    if (asksForRequests) setPart('requests');
  }, [asksForRequests]);
  const [reporting, setReporting] = useState(false);
  const Content = contents[part];
  return (
    // The requests scroll with the page, as every table does; the others are as high as it.
    <div className={part === 'requests' ? 'view' : `view ${css.diagnostics}`}>
      <h1 className="visually-hidden">{words.title}</h1>
      <Tabs
        label={words.parts}
        tabs={{ hosts: words.hosts, log: words.log, requests: words.requests }}
        current={part}
        onChange={setPart}
        more={
          <button type="button" className="button" onClick={() => setReporting(true)}>
            {words.report}
          </button>
        }
      >
        <Content />
      </Tabs>
      {reporting && <ReportDialog onClose={() => setReporting(false)} />}
    </div>
  );
}
