import { useMemo } from 'react';
import type { Host } from '#common/hosts.ts';
import { hasSsh } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import { useAppState } from '../state/services.ts';

const noHosts: readonly Host[] = [];
const noServers: readonly ModelServer[] = [];
const noNames: readonly string[] = [];

// By name, `gpu2` before `gpu10`: the configuration's own order would let a host jump when it is switched.
const byName = new Intl.Collator('en', { numeric: true });

/** The aliases of all hosts of the configuration, switched on or off, by name; the same list until one comes or goes. */
export function useHostNames(): readonly string[] {
  const hosts = useAppState(({ snapshot }) => snapshot?.hosts) ?? noHosts;
  const excluded = useAppState(({ snapshot }) => snapshot?.excludedAliases) ?? noNames;
  // Hosts change ten times a second, their names hardly ever.
  const names = hosts
    .filter(hasSsh)
    .map(({ alias }) => alias)
    .join('\n');
  return useMemo(
    () => [...(names === '' ? [] : names.split('\n')), ...excluded].sort(byName.compare),
    [names, excluded],
  );
}

/** The ids of all models that are served somewhere. */
export function useModelNames(): readonly string[] {
  const servers = useAppState(({ snapshot }) => snapshot?.servers) ?? noServers;
  return useMemo(
    () => [...new Set(servers.flatMap(({ models }) => models.map(({ id }) => id)))].sort(byName.compare),
    [servers],
  );
}
