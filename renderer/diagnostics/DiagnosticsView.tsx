import { useState } from 'react';
import { Tabs } from '../components/Tabs.tsx';
import { useWords } from '../state/language.ts';
import { HostTroubles } from './HostTroubles.tsx';
import { LogPane } from './LogPane.tsx';
import { ReportDialog } from './ReportDialog.tsx';
import { diagnosticsWords } from './words.ts';

/** What helps to find a cause: what is wrong with each host, the log, and a report of both. */
export function DiagnosticsView() {
  const words = useWords(diagnosticsWords);
  const [part, setPart] = useState<'hosts' | 'log'>('hosts');
  const [reporting, setReporting] = useState(false);
  return (
    <div className="view diagnostics">
      <h1 className="visually-hidden">{words.title}</h1>
      <Tabs
        label={words.parts}
        tabs={{ hosts: words.hosts, log: words.log }}
        current={part}
        onChange={setPart}
        more={
          <button type="button" className="button" onClick={() => setReporting(true)}>
            {words.report}
          </button>
        }
      >
        {part === 'hosts' ? <HostTroubles /> : <LogPane />}
      </Tabs>
      {reporting && <ReportDialog onClose={() => setReporting(false)} />}
    </div>
  );
}
