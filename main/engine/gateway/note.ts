import type { GatewayRequest } from '#common/gateway.ts';

/** What is noted of a request while it is on its way. */
export type Note = Pick<
  GatewayRequest,
  'model' | 'host' | 'port' | 'tokensIn' | 'tokensOut' | 'firstTokenMs' | 'outcome' | 'retried'
>;

/** Of a request of which nothing is known yet. */
export const unnoted: Note = {
  model: null,
  host: null,
  port: null,
  tokensIn: null,
  tokensOut: null,
  firstTokenMs: null,
  outcome: 'own',
  retried: false,
};
