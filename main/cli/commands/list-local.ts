import type { Io } from '../io.ts';
import { localJson } from '../json.ts';
import { localView } from '../local-views.ts';
import { printLook } from '../look-shown.ts';
import type { CommonOptions } from '../options.ts';
import { withSession } from '../session.ts';

/** The models that answer on ports of this computer, forwarded or served here. Contacts no host. */
export function listLocal(options: CommonOptions, io: Io): Promise<number> {
  return withSession({ ...options, about: 'this-computer' }, io, async ({ engine }) => {
    return await printLook(engine, io, { json: options.json, look: {}, view: localView, toJson: localJson });
  });
}
