import { settingsBounds } from '#common/bounds.ts';
import type { Settings } from '#common/settings.ts';
import { AddRow } from '../fields/AddRow.tsx';
import { SettingGroup } from '../fields/SettingRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { GlobsRow } from './GlobsRow.tsx';
import { hostSettingWords } from './host-words.ts';

type Pattern = Settings['groups']['patterns'][number];

/** The groups that hosts are shown in: those of the configuration's files, and those of patterns, which a reader makes here. */
export function GroupsSection() {
  const actions = useActions();
  const words = useWords(hostSettingWords);
  const { byFile, patterns } = useSettings().groups;
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
