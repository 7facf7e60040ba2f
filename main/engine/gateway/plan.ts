import type { IncomingMessage } from 'node:http';
import type { Forward } from '#common/forwards.ts';
import type { Settings } from '#common/settings.ts';
import type { ScanState } from '#common/snapshot.ts';
import { type AskedModel, askedModel } from './asked-model.ts';
import type { Body } from './body.ts';
import type { Catalogue, Replica } from './catalogue.ts';
import { inOrder } from './choice.ts';
import type { ApiError } from './errors.ts';
import type { LoadBook } from './load-book.ts';
import { forwardNamed, nameInHost } from './named-forward.ts';
import { type Route, routeTo, stickOf } from './routing.ts';

/** Where a request may go, in which order, and how it is worded there. */
export interface Plan {
  /** As the client named the model, or the forward. */
  readonly name: string;
  readonly route: Route;
  readonly order: readonly Replica[];
  readonly path: string;
  /** By how many bytes its body has grown. */
  readonly grownBy: number;
}

/** Why there is no plan; with the model, where it was named. */
export type Unplanned = ApiError & { readonly name?: string };

export interface PlanDeps {
  readonly catalogue: () => Catalogue;
  readonly scan: () => ScanState;
  /** Those that are open under `NAME.localhost`. */
  readonly forwards: () => readonly Forward[];
  readonly stickiness: () => Settings['gateway']['stickiness'];
  readonly book: LoadBook;
}

/** Plans a request, of whose body it reads only as much as it must. */
export async function planOf(
  request: IncomingMessage,
  body: Body,
  { catalogue, scan, forwards, stickiness, book }: PlanDeps,
): Promise<Plan | Unplanned> {
  const called = nameInHost(request.headers);
  if (called !== null) return planThrough(called, request, forwards());
  const asked = await askedModel(request, body);
  if ('status' in asked) return asked;
  const { name } = asked;
  const route = routeTo(name, { catalogue: catalogue(), scan: scan() });
  if ('status' in route) return { ...route, name };
  const stick = await stickOf(request, stickiness(), body.beginning);
  const order = inOrder(route.replicas.map(book.weigh), stick);
  const worded = word(asked, route, request);
  return 'status' in worded ? { ...worded, name } : { name, route, order, ...worded };
}

/** A forward's name in the Host header is the whole choice: the request goes there as it is, whatever model it names. */
function planThrough(
  called: string,
  { url = '/' }: IncomingMessage,
  forwards: readonly Forward[],
): Plan | Unplanned {
  const replica = forwardNamed(called, forwards);
  const name = `${called}.localhost`;
  if ('status' in replica) return { ...replica, name };
  return { name, route: { model: name, replicas: [replica] }, order: [replica], path: url, grownBy: 0 };
}

/** As the model servers call the model: nothing is changed where the client does so too. */
function word(asked: AskedModel, { model }: Route, { url = '/' }: IncomingMessage) {
  return asked.name === model ? { path: url, grownBy: 0 } : asked.rename(model);
}
