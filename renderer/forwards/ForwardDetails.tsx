import { memo } from 'react';
import { localUrl } from '#common/forward-name.ts';
import type { Forward } from '#common/forwards.ts';
import { forwardUrl } from '#common/select/forwards.ts';
import { hostRemedy, remedyOf } from '#common/select/remedies.ts';
import { Command } from '../components/Command.tsx';
import { Fact, Facts } from '../components/Fact.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { failureOfForward } from '../lib/forward-state.ts';
import { RemedyButton } from '../prompts/RemedyButton.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useLook } from '../state/use-look.ts';
import { Details, DetailsCommands, DetailsFailure } from '../table/Details.tsx';
import { forwardWords } from './words.ts';

/** What a row unfolds: all that is known of a forward, and the latest error in full. */
export const ForwardDetails = memo(function ForwardDetails({ forward }: { readonly forward: Forward }) {
  const words = useWords(forwardWords);
  const { bytes, dateTime, whole } = useFormats();
  const { hostId, remoteAddress, origin, pinned, since, traffic } = forward;
  const url = forwardUrl(forward);
  const failure = failureOfForward(forward);
  const gateway = useAppState(({ snapshot }) => snapshot?.gateway.state);
  const host = useAppState(({ snapshot }) => snapshot?.hosts.find(({ id }) => id === hostId));
  // The host may have failed in another way since than the forward did.
  const remedy = (host && hostRemedy(host)) ?? (failure && remedyOf(failure, hostId));
  useLook(host === undefined ? [] : [host]);
  return (
    <Details>
      <Facts>
        <Fact name={words.target}>{words.onTheHost(forward.id, remoteAddress)}</Fact>
        <Fact name={words.openedBy}>{words.originLong[origin]}</Fact>
        <Fact name={words.opened}>{dateTime(since)}</Fact>
        <Fact name={words.connections}>
          {words.connectionCounts(traffic.openConnections, whole(traffic.totalConnections))}
        </Fact>
        <Fact name={words.traffic}>{words.bytes(bytes(traffic.bytesIn), bytes(traffic.bytesOut))}</Fact>
        <Fact name={words.port}>{pinned ? words.portIsKept : words.portIsLoose}</Fact>
      </Facts>
      {url !== null && (
        <DetailsCommands>
          <Command text={`${url}/v1`} what={words.baseUrl} />
          {gateway?.kind === 'listening' && (
            <Command text={localUrl(forward, gateway.port)} what={words.namedUrl} />
          )}
        </DetailsCommands>
      )}
      {failure === null ? (
        <p className="dim">{words.allWell}</p>
      ) : (
        <DetailsFailure>
          <FailureText failure={failure} />
          {remedy !== null && <RemedyButton remedy={remedy} of={forward.id} />}
        </DetailsFailure>
      )}
    </Details>
  );
});
