import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** `HALLHUB_API` names a running cloud when the console is served by `vite` during development. */
const api = process.env.HALLHUB_API ?? 'http://127.0.0.1:8080';
const leastBytes = 1024;

/** Puts `.br` and `.gz` beside each text file: the cloud serves them as they are and never compresses by itself. */
const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  enforce: 'post',
  async generateBundle(_, bundle) {
    const files = Object.entries(bundle).filter(([name]) => /\.(js|css|svg|html)$/.test(name));
    await Promise.all(
      files.map(async ([fileName, file]) => {
        const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (source.length < leastBytes) return;
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
        this.emitFile({
          type: 'asset',
          fileName: `${fileName}.br`,
          source: await promisify(brotliCompress)(source, quality),
        });
        this.emitFile({
          type: 'asset',
          fileName: `${fileName}.gz`,
          source: await promisify(gzip)(source, { level: 9 }),
        });
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
