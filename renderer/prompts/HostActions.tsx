import type { Host } from '#common/hosts.ts';
import { canTryAgain, hostRemedy } from '#common/select/remedies.ts';
import { TryAgain } from '../components/TryAgain.tsx';
import { RemedyButton } from './RemedyButton.tsx';

/** What a person can do about a host that failed: the step of its failure, and trying again where that can help. */
export function HostActions({ host }: { readonly host: Host }) {
  const remedy = hostRemedy(host);
  return (
    <>
      {remedy !== null && <RemedyButton remedy={remedy} of={host.alias} />}
      {canTryAgain(host) && <TryAgain host={host} />}
    </>
  );
}
