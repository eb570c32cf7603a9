import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** `HALLHUB_API` names a running cloud when the console is served by `vite` during development. */
const api = process.env.HALLHUB_API ?? 'http://127.0.0.1:8080';
const leastBytes = 1024;

/**
 * Puts `.br` and `.gz` beside each text file: the cloud serves them as they are and never compresses by itself. Works on
 * the written files: while the bundle is generated, Vite's own plugins still have placeholders to fill in.
 */
const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  async writeBundle({ dir }, bundle) {
    if (!dir) throw new Error('precompress needs an output folder');
    const names = Object.keys(bundle).filter((name) => /\.(js|css|svg|html)$/.test(name));
    await Promise.all(
      names.map(async (name) => {
        const file = path.join(dir, name);
        const source = await readFile(file);
        if (source.length < leastBytes) return;
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
        await writeFile(`${file}.br`, await promisify(brotliCompress)(source, quality));
        await writeFile(`${file}.gz`, await promisify(gzip)(source, { level: 9 }));
      }),
    );
  },
});

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { conditions: ['hallhub-source', 'module', 'browser', 'development|production'] },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: api, changeOrigin: false } },
  },
  build: {
    target: 'es2022',
    // A font or picture inlined as data: would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    sourcemap: false,
  },
});
