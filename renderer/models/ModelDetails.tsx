import { Fragment, memo, useMemo } from 'react';
import type { ServerId } from '#common/ids.ts';
import { hashOf } from '#common/place.ts';
import { gpuRanges } from '#common/select/processes.ts';
import { loadOf } from '#common/select/servers.ts';
import type { Model, ModelServer, ServerState } from '#common/servers.ts';
import { authorityOf } from '#common/text.ts';
import { whyStuck } from '#common/words/states.ts';
import { Age, Fact, Facts } from '../components/Fact.tsx';
import { FailureText } from '../components/FailureText.tsx';
import { TryAgain } from '../components/TryAgain.tsx';
import { Icon } from '../icons/Icon.tsx';
import { engineOf } from '../lib/server-state.ts';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useAppState, useSnapshot } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';
import { Details, DetailsCommands, DetailsFailure } from '../table/Details.tsx';
import { useOpenTest } from '../test-prompt/TestPromptPlace.tsx';
import { KeyControl, useHasKey } from './KeyControl.tsx';
import { LoadFigures } from './LoadFigures.tsx';
import { ModelCharts } from './ModelCharts.tsx';
import { modelWords } from './words.ts';

interface Props {
  readonly server: ModelServer;
  readonly model: Model | null;
}

/** What a row unfolds: the server, what it says of its load, what that was, and who else serves the model. */
export const ModelDetails = memo(function ModelDetails({ server, model }: Props) {
  const words = useWords(modelWords);
  const host = useAppState(({ snapshot }) => snapshot?.hosts.find(({ id }) => id === server.hostId));
  const load = model === null ? null : loadOf(server, model);
  const isAdapter = model !== null && model.parent !== null;
  return (
    <Details>
      <ServerFacts server={server} model={model} />
      <Controls server={server} model={model} />
      {server.state.kind === 'failed' && (
        <DetailsFailure>
          <FailureText failure={server.state.failure} />
          {host !== undefined && <TryAgain host={host} />}
        </DetailsFailure>
      )}
      {server.state.kind === 'stuck' && (
        <DetailsFailure>
          <WhyStuck state={server.state} />
        </DetailsFailure>
      )}
      {model !== null && load === null && (
        <p className="dim">{isAdapter ? words.noAdapterLoad : words.noLoad}</p>
      )}
      {model !== null && load !== null && (
        <>
          <LoadFigures name={model.id} load={load} />
          <ModelCharts server={server} name={model.id} subject={load.model} />
        </>
      )}
    </Details>
  );
});

type Stuck = Extract<ServerState, { readonly kind: 'stuck' }>;

/** Goes on with the time. */
function WhyStuck({ state }: { readonly state: Stuck }) {
  const language = useLanguage();
  return <p>{whyStuck(state, useNow(true), language)}</p>;
}

function ServerFacts({ server, model }: Props) {
  const language = useLanguage();
  const words = useWords(modelWords);
  const { whole } = useFormats();
  const hasKey = useHasKey(server.id);
  const others = useOthers(server, model);
  const adapters = server.models.filter(({ parent }) => model !== null && parent === model.id).length;
  return (
    <Facts>
      {model !== null && <Fact name={words.model}>{model.id}</Fact>}
      <Fact name={words.address}>{`${authorityOf(server.address, server.port)}, ${server.hostId}`}</Fact>
      <Fact name={words.engine}>{engineOf(server, language)}</Fact>
      {model !== null && model.maxModelLen !== null && (
        <Fact name={words.context}>{whole(model.maxModelLen)}</Fact>
      )}
      {model !== null && model.parent !== null && <Fact name={words.base}>{model.parent}</Fact>}
      <ProcessFacts server={server} />
      {adapters > 0 && <Fact name={words.adapters}>{whole(adapters)}</Fact>}
      {hasKey && <Fact name={words.key}>{words.keyShown}</Fact>}
      <Fact name={words.seen}>
        <Age sinceMs={server.seenAt} />
      </Fact>
      {others.length > 0 && (
        <Fact name={words.others}>
          {others.map((id, at) => (
            <Fragment key={id}>
              {at > 0 && ', '}
              <a href={hashOf({ view: 'models', id })}>{id}</a>
            </Fragment>
          ))}
        </Fact>
      )}
    </Facts>
  );
}

/** The process that answers, where the login may see it. */
function ProcessFacts({ server: { process, state } }: Pick<Props, 'server'>) {
  const words = useWords(modelWords);
  if (state.kind === 'lost') return null;
  if (process === null) return <Fact name={words.process}>{words.processHidden}</Fact>;
  const { pid, user, startedAt, args, container, gpus } = process;
  return (
    <>
      {gpus.length > 0 && <Fact name={words.gpus}>{gpuRanges(gpus)}</Fact>}
      <Fact name={words.process}>{words.processOf(pid, user)}</Fact>
      {startedAt !== null && (
        <Fact name={words.runsSince}>
          <Age sinceMs={startedAt} />
        </Fact>
      )}
      {container !== null && <Fact name={words.containers[container.kind]}>{container.id}</Fact>}
      <Fact name={words.arguments}>{args}</Fact>
    </>
  );
}

/** Other servers that list a model of the same name. */
function useOthers(server: ModelServer, model: Model | null): readonly ServerId[] {
  const { servers } = useSnapshot();
  return useMemo(() => {
    if (model === null) return [];
    return servers
      .filter(({ id, models }) => id !== server.id && models.some((one) => one.id === model.id))
      .map(({ id }) => id);
  }, [servers, server.id, model]);
}

function Controls({ server, model }: Props) {
  const words = useWords(modelWords);
  const openTest = useOpenTest();
  const hasKey = useHasKey(server.id);
  const takesKey = hasKey || server.state.kind === 'locked';
  if (model === null && !takesKey) return null;
  return (
    <DetailsCommands>
      {model !== null && (
        <button
          type="button"
          className="button"
          onClick={() => openTest({ serverId: server.id, model: model.id })}
        >
          <Icon name="send" />
          {words.sendTest}
        </button>
      )}
      {takesKey && <KeyControl serverId={server.id} />}
    </DetailsCommands>
  );
}
