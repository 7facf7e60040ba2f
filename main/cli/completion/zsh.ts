import { shellWord } from '#common/text.ts';
import { listHosts, listSessions } from './bash.ts';
import type { CommandShape, OptionShape, ProgramShape, Values } from './tree.ts';

/** The script for zsh, also as the file `_vllm-tray` of a folder in its `fpath`. */
export function zshCompletion({ name, options, commands }: ProgramShape): string {
  const fn = `_${name.replaceAll('-', '_')}`;
  return `#compdef ${name}
${fn}_hosts() { local -a found; found=(\${(f)"$(${listHosts})"}); compadd -a found }
${fn}_sessions() { local -a found; found=(\${(f)"$(${listSessions})"}); compadd -a found }
${fn}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map((command) => `    ${shellWord(`${command.name}:${command.help}`)}\n`).join('')}  )
  _arguments -C ${specsOf(fn, options)} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
${commands.map((command) => ofCommand(fn, command)).join('')}      esac ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then ${fn} "$@"; else compdef ${fn} ${name}; fi
`;
}

function ofCommand(fn: string, { name, options, values }: CommandShape): string {
  const positions = values.map((each, at) => shellWord(`${at + 1}: :${actionOf(fn, each)}`));
  return `        ${name}) _arguments ${[specsOf(fn, options), ...positions].join(' ')} ;;\n`;
}

/** One word for each option: \`--refresh[help]:s:\`. */
function specsOf(fn: string, options: readonly OptionShape[]): string {
  return options
    .map(({ flag, help, value }) => {
      const spec = `${flag}[${help.replace(/[\\[\]:]/g, '\\$&')}]`;
      return shellWord(value === null ? spec : `${spec}:${value.name}:${actionOf(fn, value)}`);
    })
    .join(' ');
}

function actionOf(fn: string, values: Values): string {
  switch (values.kind) {
    case 'words':
      return values.words.length === 0 ? ' ' : `(${values.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'host':
      return `${fn}_hosts`;
    case 'session':
      return `${fn}_sessions`;
  }
}
