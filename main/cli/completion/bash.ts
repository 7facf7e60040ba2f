import { shellWord } from '#common/text.ts';
import type { CommandShape, ProgramShape, Values } from './tree.ts';

/**
 * The script for bash. Words are compared one by one: `compgen -W` would expand what stands in them, and so would the command
 * line with a session's name that is not quoted.
 */
export function bashCompletion({ name, options, commands }: ProgramShape): string {
  const fn = `_${name.replaceAll('-', '_')}`;
  const root = [...commands.map((command) => command.name), ...options.map(({ flag }) => flag)];
  return `# bash completion of ${name}
${fn}_offer() {
  local word
  while IFS= read -r word; do
    [[ -n $word && $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
  done
}
${fn}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= count=0 at word
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == -* ]]; then
      case "$command $word" in
${commands.map(skipsValue).join('')}      esac
    elif [[ -z $command ]]; then command=$word
    else ((count++)); fi
  done
  case "$command" in
    '') ${offer(fn, { kind: 'words', words: root })} ;;
${commands.map((command) => `    ${command.name}) ${fn}_${variable(command)} ;;\n`).join('')}  esac
}
${commands.map((command) => ofCommand(fn, command)).join('')}complete -F ${fn} ${name}
`;
}

/** Of an option with a value the next word is no argument. */
function skipsValue({ name, options }: CommandShape): string {
  const valued = options.filter(({ value }) => value !== null);
  if (valued.length === 0) return '';
  return `        ${valued.map(({ flag }) => `'${name} ${flag}'`).join('|')}) ((at++)) ;;\n`;
}

function ofCommand(fn: string, command: CommandShape): string {
  const flags = { kind: 'words', words: command.options.map(({ flag }) => flag) } as const;
  const valued = command.options.flatMap(({ flag, value }) => (value === null ? [] : [{ flag, value }]));
  return `${fn}_${variable(command)}() {
  case "$prev" in
${valued.map(({ flag, value }) => `    ${flag}) ${offer(fn, value)}; return ;;\n`).join('')}  esac
  if [[ $cur == -* ]]; then ${offer(fn, flags)}; return; fi
  case $count in
${command.values.map((values, at) => `    ${at}) ${offer(fn, values)} ;;\n`).join('')}    *) ${offer(fn, flags)} ;;
  esac
}
`;
}

function offer(fn: string, values: Values): string {
  switch (values.kind) {
    case 'words':
      return values.words.length === 0
        ? ':'
        : `${fn}_offer < <(printf '%s\\n' ${values.words.map(shellWord).join(' ')})`;
    case 'file':
      // From version 4 on bash can be asked to quote names of files itself.
      return 'compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")';
    case 'host':
      return `${fn}_offer < <(${listHosts})`;
    case 'session':
      return `${fn}_offer < <(${listSessions})`;
  }
}

/** Prints the aliases that the user's own configuration names, one a line. */
export const listHosts = `awk 'tolower($1) == "host" { for (i = 2; i <= NF; i++) if ($i !~ /[*?!"]/) print $i }' ~/.ssh/config 2>/dev/null`;
export const listSessions = `tmux -u list-sessions -F '#{session_name}' 2>/dev/null`;

function variable({ name }: Pick<CommandShape, 'name'>): string {
  return name.replaceAll('-', '_');
}
