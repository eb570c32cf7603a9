import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import Provider from 'oidc-provider';
import { type Browser, chromium } from 'playwright-core';
import t, { type Test } from 'tap';
import { listen } from '../../../http/listen.js';
import { cookieOf, startTestApp, type TestApp, testPassword } from '../../../http/testing.js';

const consoleFolder =
  process.env.HALLHUB_CONSOLE_DIST ?? fileURLToPath(new URL('../../../../console/dist', import.meta.url));
const chromiumPath = '/usr/bin/chromium';

/** A real OpenID provider on this machine: whoever signs in is the subject; groups and e-mail go with the name. */
const startProvider = async (t: Test, redirectUri: string) => {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const groups = new Map<string, string[]>();
  const make = (clientId: string) =>
    new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: 'a-secret-of-the-client',
          redirect_uris: [redirectUri],
          post_logout_redirect_uris: [new URL('/sign-in', redirectUri).href],
        },
      ],
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username', 'groups'],
        email: ['email', 'email_verified'],
      },
      conformIdTokenClaims: false,
      cookies: { keys: ['for tests only'] },
      pkce: { required: () => true },
      findAccount: (_ctx, id) => ({
        accountId: id,
        claims: () => ({
          sub: `subject-${id}`,
          preferred_username: id,
          name: `姓名 ${id}`,
          groups: groups.get(id) ?? [],
          email: `${id}@example.com`,
          email_verified: true,
        }),
      }),
    });
  server.on('request', make('hallhub').callback());
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, groups, stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
};

const serve = async (t: Test, app: TestApp) => {
  const server = await listen(app.app, { host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close(0));
  return server.url;
};

const providerInput = (issuer: string, more: object = {}) => ({
  label: '统一登录',
  issuer,
  clientId: 'hallhub',
  clientSecret: 'a-secret-of-the-client',
  scopes: ['openid', 'profile', 'email'],
  ...more,
});

/** Follows a flow as a browser does, with a cookie jar for each side. Ends at the first address of the console. */
const walk = async (given: { url: string; flowCookie: string; base: string; userName: string }) => {
  const jar = new Map<string, string>();
  let at = given.url;
  for (let hop = 0; hop < 20; hop++) {
    if (at.startsWith(given.base)) return at;
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    let answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
    const keep = (one: Response) => {
      for (const line of one.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
    };
    keep(answer);
    if (answer.status === 200) {
      const html = await answer.text();
      const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
      const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? '';
      const body = new URLSearchParams({ prompt, login: given.userName, password: 'any' });
      answer = await fetch(new URL(action, at), {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        body,
      });
      keep(answer);
    }
    at = new URL(answer.headers.get('location') ?? '', at).href;
  }
  throw new Error('the flow does not end');
};

const setUp = async (t: Test, more: object = {}) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const base = await serve(t, app);
  const idp = await startProvider(t, `${base}/api/v1/session/callback`);
  const made = await owner.post('/sign-on-providers', providerInput(idp.issuer, more));
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const post = (path: string, body: object, cookie = '') =>
    fetch(`${base}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: base, ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    });
  const begin = async (path = `/session/providers/${made.body.id}`, cookie = '') => {
    const answer = await post(path, {}, cookie);
    const { url } = (await answer.json()) as { url: string };
    return { url, flowCookie: cookieOf(answer as never) };
  };
  const signOn = async (userName: string, start?: { url: string; flowCookie: string }) => {
    const { url, flowCookie } = start ?? (await begin());
    if (url.startsWith('/')) return { to: url, cookie: '', callback: '', flowCookie };
    const callback = await walk({ url, flowCookie, base, userName });
    const answer = await fetch(callback, { redirect: 'manual', headers: { cookie: flowCookie } });
    return { to: answer.headers.get('location') ?? '', cookie: cookieOf(answer as never), callback, flowCookie };
  };
  return { app, owner, base, idp, provider: made.body, begin, signOn };
};

const problemOf = (to: string) => new URL(to, 'http://x').searchParams.get('problem');

t.test('a known person comes in; an unknown one, a taken name and a disabled one are told why', async (t) => {
  const { app, owner, provider, begin, signOn, idp } = await setUp(t);
  t.equal(problemOf((await signOn('stranger')).to), 'unknown_user');
  const staff = await app.signInAs('observer');
  const linked = await signOn('li.lei', await begin(`/me/sign-ons/${provider.id}`, staff.cookie));
  t.equal(linked.to, '/me?linked=1');
  const back = await signOn('li.lei');
  t.equal(back.to, '/');
  const me = app.caller(back.cookie);
  t.match(await me.get('/me'), { status: 200, body: { user: { id: staff.userId }, signIn: { method: 'sign-on' } } });
  t.match((await app.auditRows('session.opened')).at(-1), { after: { method: 'sign-on' } });
  const out = await me.post('/session/sign-out');
  t.match(out.body.url, new RegExp(`^${idp.issuer}/session/end\\?.*id_token_hint=`));
  t.equal((await me.get('/me')).status, 401);

  const input = providerInput(idp.issuer, { provision: true });
  const on = await owner.put(`/sign-on-providers/${provider.id}`, input, provider.version);
  t.equal(on.status, 200);
  const { body: local } = await staff.get('/me');
  const taken = await signOn(local.user.userName);
  t.equal(problemOf(taken.to), 'name_taken', 'the same name here is somebody else’s until they link it');
  t.match(await app.caller('').post('/session', { userName: local.user.userName, password: testPassword }), {
    status: 200,
  });
  const fresh = await signOn('han.meimei');
  t.match(await app.caller(fresh.cookie).get('/me'), {
    body: {
      user: { userName: 'han.meimei', displayName: '姓名 han.meimei' },
      rights: [],
      signIn: { hasPassword: false },
    },
  });
  const { body: found } = await owner.get(`/users/${staff.userId}`);
  await owner.patch(`/users/${staff.userId}`, { state: 'disabled' }, found.version);
  t.equal(problemOf((await signOn('li.lei')).to), 'disabled_user');
});

t.test('an answer is good once, in the browser that began, in time, and from a provider that is there', async (t) => {
  const { app, signOn, begin, owner, provider, idp } = await setUp(t, { provision: true });
  const good = await signOn('li.lei');
  t.equal(good.to, '/');
  const replay = (cookie: string) => fetch(good.callback, { redirect: 'manual', headers: { cookie } });
  t.equal(problemOf((await replay(good.flowCookie)).headers.get('location') ?? ''), 'replayed');
  const other = await begin();
  t.equal(problemOf((await signOn('li.lei', { ...other, flowCookie: '' })).to), 'other_browser');
  const late = await begin();
  await app.clock.advance(11 * 60_000);
  t.equal(problemOf((await signOn('li.lei', late)).to), 'expired');
  const { body: tested } = await owner.post(`/sign-on-providers/${provider.id}/test`);
  t.match(tested, { ok: true, issuer: idp.issuer, hasSignOut: true, hasPkce: true });
  const { body: wrong } = await owner.put(
    `/sign-on-providers/${provider.id}`,
    providerInput(idp.issuer, { clientSecret: 'wrong' }),
    1,
  );
  t.equal(problemOf((await signOn('li.lei')).to), 'wrong_answer', 'the provider refuses our secret');
  await idp.stop();
  t.match((await owner.post(`/sign-on-providers/${provider.id}/test`)).body, { ok: false, problem: 'provider_down' });
  t.equal((await owner.delete(`/sign-on-providers/${provider.id}`, wrong.version)).status, 204);
  t.equal((await owner.get('/sign-on-providers')).body.items.length, 0);
  const trail = JSON.stringify(await app.auditRows());
  t.notMatch(trail, 'a-secret-of-the-client');
  const { rows } = await app.db.ownerPool.query('SELECT client_secret_sealed FROM sign_on_providers');
  t.equal(rows.length, 0);
});

t.test('who finds a session open links nothing of theirs to it', async (t) => {
  const { app, owner, provider, begin, signOn } = await setUp(t);
  const staff = await app.signInAs('observer');
  const path = `/me/sign-ons/${provider.id}`;
  const begun = await begin(path, staff.cookie);
  t.equal((await owner.delete(`/users/${staff.userId}/sessions`)).status, 204);
  t.equal(problemOf((await signOn('colleague', begun)).to), 'expired', 'the session that began it was ended meanwhile');
  t.equal((await app.auditRows('sign_on.linked')).length, 0);

  const other = await app.signInAs('observer');
  await app.clock.advance(11 * 60_000);
  t.match(await other.post(path, {}), { status: 400, body: { context: { reason: 'password_needed' } } });
  t.match(await other.post(path, { password: 'wrong' }), { status: 400 });
  t.equal((await app.auditRows('session.refused')).length, 1, 'guessing there counts as anywhere');
  t.match(await other.post(path, { password: testPassword }), { status: 200, body: { url: /^http/ } });
});

t.test('groups give and take roles; a domain keeps others out; the rules’ second factor is asked for', async (t) => {
  const { app, owner, provider, signOn, idp } = await setUp(t, { provision: true });
  const { body: roles } = await owner.get('/roles');
  const observer = roles.items.find((role: { key: string }) => role.key === 'observer');
  const mapped = providerInput(idp.issuer, {
    provision: true,
    groupsClaim: 'groups',
    groupGrants: [{ group: 'hall-1', roleId: observer.id, scope: { kind: 'hall', id: app.hallId } }],
  });
  const { body: changed } = await owner.put(`/sign-on-providers/${provider.id}`, mapped, 1);
  idp.groups.set('li.lei', ['hall-1', 'others']);
  const first = app.caller((await signOn('li.lei')).cookie);
  t.ok((await first.get('/me')).body.rights.includes('hall.read'));
  idp.groups.set('li.lei', []);
  const second = app.caller((await signOn('li.lei')).cookie);
  t.same((await second.get('/me')).body.rights, []);
  const foreign = { ...mapped, allowedDomains: ['corp.example.org'] };
  t.equal((await owner.put(`/sign-on-providers/${provider.id}`, foreign, changed.version)).status, 200);
  t.equal(problemOf((await signOn('li.lei')).to), 'domain_not_allowed');
  const manager = await app.signInAs('hall-manager');
  t.equal((await manager.get('/sign-on-providers')).status, 403);
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  t.same((await stranger.get('/sign-on-providers')).body.items, []);
  t.equal((await stranger.post(`/sign-on-providers/${provider.id}/test`)).status, 404);
});

const isBuilt = existsSync(`${consoleFolder}/index.html`) && existsSync(chromiumPath);

t.test(
  'in a real browser, from the button to the console',
  { skip: isBuilt ? false : 'needs chromium and the built console' },
  async (t) => {
    const app = await startTestApp(t, { consoleFolder });
    const owner = await app.signInAs('owner');
    const base = await serve(t, app);
    const idp = await startProvider(t, `${base}/api/v1/session/callback`);
    await owner.post('/sign-on-providers', providerInput(idp.issuer, { provision: true }));
    const browser: Browser = await chromium.launch({
      executablePath: chromiumPath,
      timeout: 120_000,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    });
    t.teardown(() => browser.close());
    const page = await browser.newPage({ locale: 'zh-CN' });
    page.setDefaultTimeout(90_000);
    const violations: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) violations.push(message.text());
    });
    await page.goto(`${base}/sign-in?org=main`);
    await page.getByRole('button', { name: /统一登录/ }).click();
    await page.locator('input[name=login]').fill('han.meimei');
    await page.locator('input[name=password]').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.topbar').waitFor();
    t.equal(new URL(page.url()).origin, base);
    await page.goto(`${base}/me`);
    await page.getByText('han.meimei').first().waitFor();
    t.same(violations, []);
  },
);
