import type { ResolvedHost } from '#engine/ssh/config/resolved.ts';

/** A host of which the configuration says nothing special, but for these values. */
export function resolvedHost(fields: Partial<ResolvedHost> = {}): ResolvedHost {
  return {
    alias: 'gpu1',
    command: 'ssh gpu1',
    args: ['gpu1'],
    hostname: 'gpu1.example',
    port: 22,
    user: 'me',
    proxy: { kind: 'none' },
    connectTimeoutMs: null,
    addressFamily: 0,
    bindAddress: null,
    identity: { files: [], identitiesOnly: false, agentSocket: null, certificateFiles: [] },
    methods: ['publickey'],
    system: {
      pkcs11: false,
      fdPass: false,
      hostBased: false,
      gssapi: false,
      controlPath: false,
      hostKeySources: false,
    },
    hostKeys: { strict: 'ask', alias: null, userFiles: [], globalFiles: [], hashNames: false },
    ...fields,
  };
}
