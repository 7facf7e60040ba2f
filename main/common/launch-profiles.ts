/** What is served again and again, under a name of the person's own: part of the settings. */

import * as z from 'zod/mini';
import { settingsBounds } from './bounds.ts';
import { launchRequest, secretIn } from './launch-request.ts';

/** Settings are exported and end up in reports, so no secret has a place in one. */
export const launchProfile = z.strictObject({
  id: z.string().check(z.minLength(1), z.maxLength(60)),
  name: z.string().check(z.minLength(1), z.maxLength(settingsBounds.profileNameLength)),
  request: launchRequest.check(
    z.refine((request) => secretIn(request) === null, {
      error: 'has a secret, which has no place in a profile',
    }),
  ),
});

export type LaunchProfile = z.infer<typeof launchProfile>;
