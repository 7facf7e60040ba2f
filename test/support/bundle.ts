import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles TypeScript, with imports as from the project's root, into one module that Node runs by itself. */
export async function bundleForNode(contents: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Libraries in CommonJS ask for both, which a module does not have.
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
        'const __dirname = import.meta.dirname;',
      ].join('\n'),
    },
    external: ['cpu-features', '*.node'],
    logLevel: 'silent',
  });
}
