import { memo } from 'react';
import { isLive, type Launch } from '#common/launches.ts';
import { sshCommand } from '#common/select/hosts.ts';
import { shellWord } from '#common/text.ts';
import { launchWords } from '#common/words/launches.ts';
import { Command } from '../components/Command.tsx';
import { Fact, Facts } from '../components/Fact.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { Details, DetailsCommands } from '../table/Details.tsx';
import type { LaunchRow } from './columns.tsx';
import css from './LaunchDetails.module.css';
import { LaunchLog } from './LaunchLog.tsx';
import { launchesWords } from './words.ts';

/** What a row unfolds: the way out of a failure, what was asked for, the line that runs, and the end of its log. */
export const LaunchDetails = memo(function LaunchDetails({ row: { launch } }: { readonly row: LaunchRow }) {
  const words = useWords(launchesWords);
  const { dateTime } = useFormats();
  const { name, gpus, launcher, startedAt, endsAt, stage } = launch;
  return (
    <Details>
      {stage.kind === 'failed' && <Failure failure={stage.failure} />}
      <Facts>
        <Fact name={words.session}>{name}</Fact>
        {launcher !== null && <Fact name={words.launcher}>{words.launchers[launcher]}</Fact>}
        <Fact name={words.gpus}>{gpus.length === 0 ? words.noGpus : gpus.join(', ')}</Fact>
        {startedAt !== null && <Fact name={words.started}>{dateTime(startedAt)}</Fact>}
        {endsAt !== null && <Fact name={words.ends}>{dateTime(endsAt)}</Fact>}
      </Facts>
      <Commands launch={launch} />
      <LaunchLog launch={launch} />
    </Details>
  );
});

type Failed = Extract<Launch['stage'], { readonly kind: 'failed' }>;

function Failure({ failure: { kind, line } }: Pick<Failed, 'failure'>) {
  const { title, hint } = useWords(launchWords).failure[kind];
  return (
    <div>
      <p className={css.failed}>{title}.</p>
      {line !== '' && <p className="raw">{line}</p>}
      <p>{hint}</p>
    </div>
  );
}

function Commands({ launch }: { readonly launch: Launch }) {
  const { command, name, hostId } = launch;
  const words = useWords(launchesWords);
  const { hosts, source } = useSnapshot();
  const host = hosts.find(({ id }) => id === hostId);
  const attach = host && sshCommand(source, host, { remote: `tmux attach -t ${shellWord(`=${name}`)}` });
  return (
    <DetailsCommands>
      {command !== null && <Command text={command} what={words.command} />}
      {attach !== undefined && isLive(launch) && source.kind !== 'demo' && (
        <Command text={attach} what={words.attach} />
      )}
    </DetailsCommands>
  );
}
