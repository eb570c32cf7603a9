// Lets the pages for field staff (/m/) open where there is no line: the program as it was last loaded, and what was last read.
const shellName = 'hallhub-field-shell-1';
const dataName = 'hallhub-field-data-1';
const mostKept = 150;
const longestMs = 3 * 86_400_000;
const keptData = [
  /^\/api\/v1\/me$/,
  /^\/api\/v1\/places$/,
  /^\/api\/v1\/tickets$/,
  /^\/api\/v1\/tickets\/[\w-]+(\/history)?$/,
  /^\/api\/v1\/category-trees\/\w+$/,
];

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('hallhub-field-') && name !== shellName && name !== dataName);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

const keep = async (name, key, response) => {
  const headers = new Headers(response.headers);
  headers.set('x-kept-at', String(Date.now()));
  const cache = await caches.open(name);
  await cache.put(key, new Response(await response.clone().blob(), { status: response.status, headers }));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - mostKept)).map((old) => cache.delete(old)));
};

const kept = async (name, key) => {
  const found = await (await caches.open(name)).match(key);
  return found && Date.now() - Number(found.headers.get('x-kept-at')) < longestMs ? found : undefined;
};

const networkFirst = async (name, key, request) => {
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const found = await kept(name, key);
    if (found) return found;
    throw error;
  }
  if (response.ok) await keep(name, key, response);
  // Whoever is signed out leaves nothing behind.
  if (response.status === 401) await caches.delete(dataName);
  return response;
};

/** Names of built files hold their own hash: what is kept is what would come. */
const keptFirst = async (request) => {
  const { pathname } = new URL(request.url);
  return (await kept(shellName, pathname)) ?? networkFirst(shellName, pathname, request);
};

const ofProgram = (path) => path === '/m/' || path.startsWith('/assets/') || /^\/[\w-]+\.(js|svg)$/.test(path);

/** What a page had loaded before this worker was there. */
const keepLoaded = async (names) => {
  for (const each of names.slice(0, mostKept)) {
    const url = new URL(each, self.location.origin);
    const path = url.pathname;
    const isData = keptData.some((one) => one.test(path));
    if (url.origin !== self.location.origin || !(isData || ofProgram(path)) || path === '/field-worker.js') continue;
    const key = isData ? path + url.search : path;
    const name = isData ? dataName : shellName;
    if (await kept(name, key)) continue;
    const response = await fetch(path + url.search).catch(() => undefined);
    if (response?.ok) await keep(name, key, response);
  }
};
self.addEventListener('message', (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keepLoaded(event.data.keep));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(networkFirst(shellName, '/m/', request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(keptFirst(request));
  else if (ofProgram(url.pathname)) event.respondWith(networkFirst(shellName, url.pathname, request));
  else if (keptData.some((path) => path.test(url.pathname)))
    event.respondWith(networkFirst(dataName, url.pathname + url.search, request));
});
