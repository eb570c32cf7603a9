import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from './env.js';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

interface Asset {
  readonly path: string;
  readonly bytes: number;
  readonly etag: string;
}

/** Lists the built console: only names in the list can be served, so no path can climb out. */
const listAssets = async (folder: string): Promise<Map<string, Asset>> => {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await stat(path);
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    assets.set(name, {
      path,
      bytes: info.size,
      etag: `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`,
    });
  }
  return assets;
};

const notBuilt = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>HallHub</title>
<p>控制台尚未构建：请运行 <code>npm start</code>。The console is not built yet: run <code>npm start</code>. <a href="/api/openapi.json">API</a></p></html>`;

/**
 * Serves the built console: hashed files under `/assets/` for a year, the rest revalidated; precompressed `.br` and `.gz`
 * files beside them are used as they are; a path without an extension gets the page (its router takes over).
 */
export const serveConsole = async (folder: string): Promise<MiddlewareHandler<HttpEnv>> => {
  const builtAt = async () => (await stat(join(folder, 'index.html')).catch(() => null))?.mtimeMs ?? 0;
  let listedAt = await builtAt();
  let assets = await listAssets(folder);
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
    const path = safeDecode(c.req.path);
    if (path === null) return next();
    const name = assets.has(path) && !/\.(?:br|gz)$/.test(path) ? path : extname(path) === '' ? '/index.html' : null;
    if (name === null) return next();
    // A page from before an upgrade would name files that are gone.
    if (name === '/index.html' && (await builtAt()) !== listedAt) {
      listedAt = await builtAt();
      assets = await listAssets(folder);
    }
    const plain = assets.get(name);
    if (!plain) return c.html(notBuilt, 503, { 'cache-control': 'no-store' });
    const accepted = c.req.header('accept-encoding') ?? '';
    const encoding = [
      ['br', '.br'],
      ['gzip', '.gz'],
    ].find(([token, suffix]) => new RegExp(`\\b${token}\\b`).test(accepted) && assets.has(name + suffix));
    const asset = (encoding && assets.get(name + encoding[1])) || plain;
    const headers = new Headers({
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      etag: asset.etag,
    });
    if (encoding?.[0]) headers.set('content-encoding', encoding[0]);
    if (c.req.header('if-none-match') === asset.etag) return new Response(null, { status: 304, headers });
    headers.set('content-length', String(asset.bytes));
    if (c.req.method === 'HEAD') return new Response(null, { headers });
    return new Response(Readable.toWeb(createReadStream(asset.path)) as unknown as ReadableStream, { headers });
  };
};

const safeDecode = (path: string): string | null => {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
};
