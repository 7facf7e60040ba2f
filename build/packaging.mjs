/** What electron-builder is run with. */

/**
 * Returns the arguments of electron-builder for the computer that packages. A Mac without a certificate (`CSC_LINK` or
 * `CSC_NAME`, as electron-builder names them) signs ad hoc: its package starts on Apple silicon only with a whole signature.
 */
export function builderArguments({ platform, arch, env }) {
  const certificate = Boolean(env.CSC_LINK || env.CSC_NAME);
  return [
    '--config=build/electron-builder.yml',
    '--publish=never',
    `--${arch}`,
    ...(platform === 'darwin' && !certificate ? ['--config.mac.identity=-'] : []),
  ];
}
