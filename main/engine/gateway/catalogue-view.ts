import { asOf } from '#common/freshness.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Store } from '../store.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';

/** The catalogue as it is now, made anew only when what it is made of has changed. */
export function createCatalogueView(store: Pick<Store, 'current'>): () => Catalogue {
  const parts = ['servers', 'localServers', 'forwards', 'otherForwards'] as const;
  let made: { readonly from: Snapshot; readonly catalogue: Catalogue } | null = null;
  return () => {
    const now = asOf(store.current(), Date.now());
    if (made === null || parts.some((part) => made?.from[part] !== now[part]))
      made = { from: now, catalogue: catalogueOf(now) };
    return made.catalogue;
  };
}
