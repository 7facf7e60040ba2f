import { useId } from 'react';
import type { Gateway, GatewayState } from '#common/gateway.ts';
import { hashOf } from '#common/place.ts';
import { gatewayModels } from '#common/select/gateway.ts';
import { Command } from '../components/Command.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { Switch } from '../fields/Switch.tsx';
import type { Mood } from '../lib/mood.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { CopyConfiguration } from './CopyConfiguration.tsx';
import { GatewayFailure } from './GatewayFailure.tsx';
import css from './GatewayPanel.module.css';
import { requestsPart } from './place.ts';
import { RenewKey } from './RenewKey.tsx';
import { gatewayWords } from './words.ts';

const moods: Readonly<Record<GatewayState['kind'], Mood>> = {
  off: 'idle',
  starting: 'waiting',
  listening: 'good',
  failed: 'bad',
};

/** The gateway: its switch, how it is, what it does now, and the texts that clients need. */
export function GatewayPanel() {
  const { gateway, settings } = useSnapshot();
  const call = useCall();
  const words = useWords(gatewayWords);
  const ids = { switch: useId(), what: useId() };
  const { state } = gateway;
  return (
    <section className={css.panel} aria-label={words.gateway}>
      <div className={css.line}>
        <Switch
          id={ids.switch}
          aria-describedby={ids.what}
          on={settings.gateway.enabled}
          onChange={(on) => void call('gateway.switch', { on })}
        />
        <label className={css.name} htmlFor={ids.switch}>
          {words.gateway}
        </label>
        {state.kind === 'off' ? (
          <p className={css.what} id={ids.what}>
            {words.offWhat}
          </p>
        ) : (
          <span id={ids.what}>
            <StateMark mood={moods[state.kind]} word={words.states[state.kind]} />
          </span>
        )}
        {state.kind === 'listening' && <Listening gateway={gateway} url={state.url} />}
        <a className={css.settings} href={hashOf({ view: 'settings', id: 'forwards' })}>
          {words.settings}
        </a>
      </div>
      {state.kind === 'listening' && (
        <div className={css.line} data-below>
          <CopyConfiguration />
          <RenewKey />
        </div>
      )}
      {state.kind === 'failed' && <GatewayFailure failure={state.failure} />}
    </section>
  );
}

/** Where it is, and what goes through it. */
function Listening({ gateway, url }: { readonly gateway: Gateway; readonly url: string }) {
  const snapshot = useSnapshot();
  const words = useWords(gatewayWords);
  const { count } = useFormats();
  return (
    <>
      <Command text={url} what={words.baseUrl} />
      <ul className={css.facts}>
        <li>{words.now(gateway.running)}</li>
        <li>{words.tokensPerSecond(count(gateway.tokensPerSecond))}</li>
        <li>
          <a href={hashOf({ view: 'models' })}>{words.models(gatewayModels(snapshot).length)}</a>
        </li>
        <li>
          <a href={hashOf({ view: 'diagnostics', id: requestsPart })}>{words.requests}</a>
        </li>
      </ul>
    </>
  );
}
