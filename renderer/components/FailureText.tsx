import { errors } from '#common/errors.ts';
import type { Failure } from '#common/model.ts';
import { Command } from './Command.tsx';

/** One line of cause, one of remedy, and the command that shows the same in a terminal. */
export function FailureText({ failure }: { readonly failure: Failure }) {
  const { title, hint } = errors[failure.code];
  return (
    <div className="failure">
      <p className="failure-cause">
        {title}
        {failure.detail !== '' && <span className="raw"> {failure.detail}</span>}
      </p>
      <p className="dim">{hint}</p>
      {failure.command !== null && <Command text={failure.command} what="command" />}
    </div>
  );
}
