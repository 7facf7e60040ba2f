import type { Failure } from '#common/failure.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import css from './GatewayPanel.module.css';
import { gatewayWords } from './words.ts';

const lastPort = 65_535;

/** Why the gateway does not listen, and the way out: of a port that is taken, the next one. */
export function GatewayFailure({ failure }: { readonly failure: Failure }) {
  const actions = useActions();
  const language = useLanguage();
  const words = useWords(gatewayWords);
  const { port } = useSettings().gateway;
  const { title, hint } = errorWords(failure.code, language);
  const isTaken = failure.code === 'port-in-use';
  const next = port + 1;
  return (
    <div className={css.failure}>
      <div>
        <p role="alert">
          {title}
          {failure.detail !== '' && <span className="raw"> {detailText(failure.detail, language)}</span>}
        </p>
        <p className="dim">{isTaken ? words.portTaken : hint}</p>
      </div>
      {isTaken && next <= lastPort && (
        <button
          type="button"
          className="button"
          onClick={() =>
            void actions.changeSettings(({ gateway }) => ({ gateway: { ...gateway, port: next } }))
          }
        >
          {words.onPort(next)}
        </button>
      )}
    </div>
  );
}
