import { useId } from 'react';
import { EmptyState } from '../components/EmptyState.tsx';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { ColumnChooser } from '../table/ColumnChooser.tsx';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import css from './RequestLog.module.css';
import { requestTable } from './request-columns.tsx';
import { useRequests } from './use-requests.ts';
import { gatewayWords } from './words.ts';

/** The request log of the gateway, the newest request first. */
export function RequestLog() {
  const { gateway } = useSnapshot();
  const words = useWords(gatewayWords);
  const table = useTable(requestTable);
  const requests = useRequests(gateway.ended);
  const id = useId();
  if (requests.length === 0)
    return (
      <EmptyState title={words.logNone}>
        <p>{words.logNoneHint}</p>
        {gateway.state.kind === 'off' && (
          <p>
            {words.logOff[0]}
            <a href="#forwards">{words.logOffView}</a>
            {words.logOff[1]}
          </p>
        )}
      </EmptyState>
    );
  return (
    <section aria-labelledby={id}>
      <div className={css.head}>
        <h2 className="visually-hidden" id={id}>
          {words.log}
        </h2>
        <p className={css.what}>{words.logWhat}</p>
        <ColumnChooser table={table} />
      </div>
      <FoldableTable table={table} rows={requests} />
    </section>
  );
}
