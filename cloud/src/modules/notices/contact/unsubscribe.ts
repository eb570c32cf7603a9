import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { withSystem } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import { RateLimit } from '../../../http/rate-limit.js';
import { systemActor } from '../../access/actor.js';
import { audit } from '../../audit/audit.js';
import type { OutwardDeps } from '../outward/outward-deps.js';
import { readUnsubscribe } from '../outward/public-links.js';

const words = {
  zh: {
    title: '停止工单通知邮件',
    ask: '之后不再向您发送工单通知邮件；仍可在系统内查看通知，也可在“我的账号”里重新打开。',
    stop: '停止发送',
    done: '已停止。之后不再发送。',
    bad: '链接不完整或已失效。',
  },
  en: {
    title: 'Stop mails about tickets',
    ask: 'No more mails about tickets will be sent to you. You still see them in the console, and may turn mails on again in your account.',
    stop: 'Stop them',
    done: 'Stopped. No more will be sent.',
    bad: 'The link is not whole, or no longer good.',
  },
} as const;

const off = (was: object | undefined) => ({
  topics: ['given', 'urged', 'late', 'news'],
  workHours: false,
  ...was,
  on: false,
});

/** Mails end by their own link (RFC 8058: a POST ends them at once; a GET, which scanners also do, only asks). */
export const mountUnsubscribe = (app: Hono<HttpEnv>, deps: OutwardDeps): void => {
  const limit = new RateLimit(deps.clock, { burst: 30, perMinute: 30 });
  const page = (c: Context<HttpEnv>, what: 'ask' | 'done' | 'bad') => {
    const language = c.req.header('accept-language')?.toLowerCase().startsWith('en') ? 'en' : 'zh';
    const said = words[language];
    const form = html`<form method="post"><button style="font:inherit;min-height:48px;padding:0 24px">${said.stop}</button></form>`;
    const body = html`<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${said.title}</title></head>
<body style="font-family:sans-serif;max-width:36em;margin:10vh auto;padding:0 16px;line-height:1.6"><h1>${said.title}</h1>
<p>${said[what]}</p>${what === 'ask' ? form : ''}</body></html>`;
    return c.html(body, what === 'bad' ? 404 : 200, { 'cache-control': 'no-store' });
  };
  const whose = (c: Context<HttpEnv>): string | undefined => {
    c.set('routePattern', '/unsubscribe/{token}');
    limit.take(c.get('ip') ?? '-');
    return readUnsubscribe(deps.sealing, c.req.param('token') ?? '');
  };
  app.get('/unsubscribe/:token', (c) => page(c, whose(c) ? 'ask' : 'bad'));
  app.post('/unsubscribe/:token', async (c) => {
    const userId = whose(c);
    if (!userId) return page(c, 'bad');
    const isKnown = await withSystem(deps.database, async (tx) => {
      const { rows } = await tx.$client.query<{ tenant_id: string; prefs: { email?: object } | null }>(
        'SELECT u.tenant_id, c.prefs FROM users u LEFT JOIN user_contacts c ON c.user_id = u.id WHERE u.id = $1',
        [userId],
      );
      const [row] = rows;
      if (!row) return false;
      await tx.$client.query(
        `INSERT INTO user_contacts (user_id, tenant_id, prefs, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET prefs = $3, updated_at = $4`,
        [
          userId,
          row.tenant_id,
          JSON.stringify({ ...row.prefs, email: off(row.prefs?.email) }),
          new Date(deps.clock.now()),
        ],
      );
      await audit(
        tx,
        { actor: systemActor(row.tenant_id, '退订链接'), request: null },
        { action: 'contact.unsubscribed', target: { kind: 'user', id: userId, name: '' } },
      );
      return true;
    });
    return page(c, isKnown ? 'done' : 'bad');
  });
};
