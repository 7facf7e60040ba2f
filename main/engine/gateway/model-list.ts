/** What the gateway answers about models, in a form that serves the clients of OpenAI and of Anthropic alike. Pure. */

import { type Catalogue, findModel, reachable, type ServedModel, whyNot } from './catalogue.ts';

/** `GET /v1/models`: the models of which a server can take requests now. */
export function modelList(catalogue: Catalogue, sinceMs: number): object {
  const data = reachable(catalogue).map((model) => modelObject(model, sinceMs));
  return {
    object: 'list',
    data,
    has_more: false,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** `GET /v1/models/{id}`: one of them, also as `host/model`; null where no server has it now. */
export function oneModel(catalogue: Catalogue, name: string, sinceMs: number): object | null {
  const named = findModel(catalogue, name);
  const served = named === null ? undefined : catalogue.get(named.model);
  if (named === null || served === undefined) return null;
  const replicas = named.replicas.filter((replica) => whyNot(replica) === null);
  return replicas.length === 0 ? null : modelObject({ ...served, id: name, replicas }, sinceMs);
}

function modelObject({ id, maxModelLen, parent, replicas }: ServedModel, sinceMs: number) {
  return {
    id,
    object: 'model',
    type: 'model',
    display_name: id,
    // When the gateway was switched on: the servers themselves answer with the time of the request.
    created: Math.floor(sinceMs / 1000),
    created_at: new Date(sinceMs).toISOString(),
    owned_by: replicas[0]?.engine ?? 'vllm-tray',
    parent,
    max_model_len: maxModelLen,
    /** Each of them is addressed by `host/model`. */
    hosts: [...new Set(replicas.map(({ host }) => host))],
  };
}
