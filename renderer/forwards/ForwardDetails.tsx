import { memo } from 'react';
import type { Forward } from '#common/forwards.ts';
import type { Failure } from '#common/model.ts';
import { forwardUrl } from '#common/select.ts';
import { Command } from '../components/Command.tsx';
import { Fact } from '../components/Fact.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { failureOfForward } from '../lib/forward-state.ts';
import { LogIn } from '../prompts/LogIn.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';
import { forwardWords } from './words.ts';

/** What a row unfolds: all that is known of a forward, and the latest error in full. */
export const ForwardDetails = memo(function ForwardDetails({ forward }: { readonly forward: Forward }) {
  const words = useWords(forwardWords);
  const { bytes, dateTime, whole } = useFormats();
  const { hostId, remoteAddress, origin, pinned, since, traffic } = forward;
  const url = forwardUrl(forward);
  const failure = failureOfForward(forward);
  const host = useAppState(({ snapshot }) => snapshot?.hosts.find(({ id }) => id === hostId));
  return (
    <div className="details">
      <dl className="facts">
        <Fact name={words.target}>{words.onTheHost(forward.id, remoteAddress)}</Fact>
        <Fact name={words.openedBy}>{words.originLong[origin]}</Fact>
        <Fact name={words.opened}>{dateTime(since)}</Fact>
        <Fact name={words.connections}>
          {words.connectionCounts(traffic.openConnections, whole(traffic.totalConnections))}
        </Fact>
        <Fact name={words.traffic}>{words.bytes(bytes(traffic.bytesIn), bytes(traffic.bytesOut))}</Fact>
        <Fact name={words.port}>{pinned ? words.portIsKept : words.portIsLoose}</Fact>
      </dl>
      {url !== null && (
        <div className="details-commands">
          <Command text={`${url}/v1`} what={words.baseUrl} />
        </div>
      )}
      {failure === null ? (
        <p className="dim">{words.allWell}</p>
      ) : (
        <div className="details-failure">
          <div>
            <FailureText failure={failure} />
            <NextTry failure={failure} />
          </div>
          {host !== undefined && <LogIn host={host} />}
        </div>
      )}
    </div>
  );
});

function NextTry({ failure: { nextAttemptAt } }: { readonly failure: Failure }) {
  const words = useWords(forwardWords);
  const { elapsed } = useFormats();
  const leftMs = (nextAttemptAt ?? 0) - useNow(nextAttemptAt !== null);
  if (nextAttemptAt === null) return null;
  return <p className="dim">{leftMs > 0 ? words.nextTry(elapsed(leftMs)) : words.tryingSoon}</p>;
}
