/** The gateway in the tray menu. */

import { copy, type MenuContext, type MenuEntry, show } from './menu-entry.ts';
import { assertNever } from './never.ts';
import { errorWords } from './words/states.ts';

/** One click on and off; the state stands in the entry, and below it what one needs next. */
export function gatewayEntries({ snapshot, language, words }: MenuContext): readonly MenuEntry[] {
  const { state } = snapshot.gateway;
  const { enabled } = snapshot.settings.gateway;
  const toggle = (text: string): MenuEntry => ({
    kind: 'check',
    id: 'gateway',
    label: text,
    call: { name: 'gateway.switch', input: { on: !enabled } },
    checked: enabled,
  });
  switch (state.kind) {
    case 'off':
      return [toggle(words.gateway)];
    case 'starting':
      return [toggle(`${words.gateway}   ${words.gatewayStarting}`)];
    case 'listening':
      return [
        toggle(`${words.gateway}   localhost:${state.port}`),
        copy('gateway-url', words.copy(state.url), state.url),
      ];
    case 'failed':
      return [
        toggle(`${words.gateway}   ${errorWords(state.failure.code, language).title}`),
        show('gateway-failed', words.showGateway, { view: 'forwards' }),
      ];
    default:
      return assertNever(state);
  }
}
