import { settingsBounds } from '#common/bounds.ts';
import type { Host } from '#common/hosts.ts';
import { isLabelName } from '#common/prometheus.ts';
import type { Settings } from '#common/settings.ts';
import { AddRow } from '../fields/AddRow.tsx';
import { SettingGroup, SettingRow } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { useDraft } from '../fields/use-draft.ts';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { GlobsRow } from './GlobsRow.tsx';
import { hostSettingWords } from './host-words.ts';

type Pattern = Settings['groups']['patterns'][number];

/** The groups that hosts are shown in: of the configuration's files, of a label, and of patterns, which a reader makes here. */
export function GroupsSection() {
  const actions = useActions();
  const words = useWords(hostSettingWords);
  const { groups: stored, prometheus } = useSettings();
  const { byFile, label, patterns } = stored;
  const setPatterns = (edit: (patterns: readonly Pattern[]) => readonly Pattern[]) =>
    void actions.changeSettings(({ groups }) => ({
      groups: { ...groups, patterns: [...edit(groups.patterns)] },
    }));
  return (
    <SettingGroup help={words.groupsIntro}>
      <SwitchRow
        label={words.groupByFile}
        help={words.groupByFileHelp}
        on={byFile}
        onChange={(on) =>
          void actions.changeSettings(({ groups }) => ({ groups: { ...groups, byFile: on } }))
        }
      />
      {(prometheus.length > 0 || label !== '') && (
        <LabelRow
          label={label}
          onChange={(next) =>
            void actions.changeSettings(({ groups }) => ({ groups: { ...groups, label: next } }))
          }
        />
      )}
      {patterns.map(({ name, hosts }) => (
        <GlobsRow
          key={name}
          of="hosts"
          label={words.groupHosts(name)}
          help={words.groupHostsHelp}
          values={hosts}
          onChange={(globs) => setPatterns((all) => withHosts(all, name, globs))}
        />
      ))}
      <NewGroup
        isFull={patterns.length >= settingsBounds.groupCount}
        onAdd={({ name, hosts }) => setPatterns((all) => withHosts(all, name, hosts))}
      />
    </SettingGroup>
  );
}

interface LabelProps {
  readonly label: string;
  readonly onChange: (label: string) => void;
}

const mostOffered = 8;

/** The label of Prometheus whose value is the group of a host; names those that hosts have. */
function LabelRow({ label, onChange }: LabelProps) {
  const words = useWords(hostSettingWords);
  const known = useAppState(({ snapshot }) => labelNames(snapshot?.hosts ?? []));
  const { field, isBad } = useDraft({ stored: label, read: readLabel, onCommit: onChange });
  const help = known === '' ? words.groupLabelHelp : `${words.groupLabelHelp} ${words.labelsKnown(known)}`;
  return (
    <SettingRow label={words.groupLabel} help={help} error={isBad ? words.badLabel : null}>
      {(control) => (
        <input
          {...control}
          {...field}
          className="input input-pattern"
          placeholder={words.groupLabelHint}
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </SettingRow>
  );
}

/** As one text, so that it is the same one while the names are. */
function labelNames(hosts: readonly Host[]): string {
  const names = new Set(hosts.flatMap(({ labels }) => Object.keys(labels)));
  return [...names].sort().slice(0, mostOffered).join(', ');
}

function readLabel(text: string): string | null {
  return isLabelName(text.trim()) ? text.trim() : null;
}

/** With these hosts in the group of that name, which is a new one where there is none yet; without it where no host is left. */
function withHosts(all: readonly Pattern[], name: string, hosts: readonly string[]): readonly Pattern[] {
  if (hosts.length === 0) return all.filter((one) => one.name !== name);
  const group = { name, hosts: [...hosts] };
  return all.some((one) => one.name === name)
    ? all.map((one) => (one.name === name ? group : one))
    : [...all, group];
}

interface NewProps {
  readonly isFull: boolean;
  readonly onAdd: (pattern: Pattern) => void;
}

/** A line such as `h100: h100-*, dgx-*`. */
function NewGroup({ isFull, onAdd }: NewProps) {
  const words = useWords(hostSettingWords);
  const { tooMany } = useWords(fieldWords);
  const add = (text: string) => {
    const pattern = readPattern(text);
    if (pattern === null) return words.badGroup;
    if (isFull) return tooMany(settingsBounds.groupCount);
    onAdd(pattern);
    return null;
  };
  return (
    <AddRow label={words.newGroup} help={words.newGroupHelp} placeholder={words.newGroupHint} add={add} />
  );
}

/** Null where no name, or no host, stands there, or one is too long. */
function readPattern(text: string): Pattern | null {
  const [, name = '', list = ''] = /^([^:]*):(.*)$/.exec(text) ?? [];
  const hosts = list.split(/[,\s]+/).filter((glob) => glob !== '');
  const { groupLength, globLength, globCount } = settingsBounds;
  const isUsable =
    name.trim() !== '' &&
    name.trim().length <= groupLength &&
    hosts.length > 0 &&
    hosts.length <= globCount &&
    hosts.every((glob) => glob.length <= globLength);
  return isUsable ? { name: name.trim(), hosts } : null;
}
