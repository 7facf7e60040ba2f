import { AppError } from '#common/failure.ts';
import { isPrometheusHostId } from '#common/ids.ts';
import type { Resolver } from './resolve.ts';

/** The resolver for hosts of the SSH configuration: what Prometheus calls a host never becomes a destination of ssh. Errors: `no-ssh`. */
export function onlySsh(resolver: Resolver): Resolver {
  const refuse = (alias: string): void => {
    if (isPrometheusHostId(alias)) throw new AppError('no-ssh', { step: 'resolve' });
  };
  return {
    ...resolver,
    expect: (aliases) => resolver.expect(aliases.filter((alias) => !isPrometheusHostId(alias))),
    async resolve(alias, signal) {
      refuse(alias);
      return resolver.resolve(alias, signal);
    },
    async read(alias) {
      refuse(alias);
      return resolver.read(alias);
    },
  };
}
