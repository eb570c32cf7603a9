import t from 'tap';
import { withTenant } from '../../../db/index.js';
import { messageIdOf } from './message-id.js';
import { noteBounce } from './note-bounce.js';
import { sendMail } from './send-mail.js';
import { bringUpOutward, publicUrl } from './testing.js';
import { decoded, mailServer } from './testing-peers.js';

const minute = 60_000;
const hour = 60 * minute;

t.test('a notice goes by mail: once, without personal data, and its end is respected', async (t) => {
  const { cloud, owner, worker, given, log, flush, deps } = await bringUpOutward(t);
  const { mails, config } = await mailServer(t);
  const made = await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'mail-password' });
  t.equal(made.status, 201);
  t.notMatch(JSON.stringify(made.body), 'mail-password');
  t.match(await owner.post('/notice-channels', { kind: 'email', name: '二', config }), { status: 409 });
  const ticket = await given();
  await flush();
  t.equal(mails.length, 1);
  const mail = decoded(mails[0]?.raw ?? '');
  t.equal(mails[0]?.to, 'worker@example.org');
  t.match(mail, `${publicUrl}/tickets/${ticket.id}`);
  t.match(mail, '待签收');
  t.notMatch(mail, /张三丰|13812348000/);
  t.match(mail, /Auto-Submitted: auto-generated/i);
  const [row] = await log();
  t.match(row, { state: 'sent', channel: 'email', to: { shown: 'w***@example.org' }, attempts: 1 });
  t.match(mail, `Message-ID: ${messageIdOf(deps.sealing, row.id, 'hall@example.org')}`);
  t.match((await owner.get('/notice-channels')).body.items[0], { state: 'working', day: { sent: 1, failed: 0 } });
  const lines = (await owner.get(`/tickets/${ticket.id}/notices`)).body;
  t.match(lines.items.map((one: { channel: string }) => one.channel).sort(), ['email', 'in_app']);
  t.same(lines.channels, ['email']);
  // The list’s own end, as mail programs press it.
  const path = new URL(/https:\/\/hall\.example\.org(\/unsubscribe\/[^>"\s]+)/.exec(mail)?.[0] ?? '').pathname;
  t.equal((await cloud.app.request(path)).status, 200);
  t.match((await worker.get('/me/contact')).body.prefs.email, { on: true }, 'who only looks ends nothing');
  t.equal((await cloud.app.request(`${path}x`, { method: 'POST' })).status, 404);
  t.equal((await cloud.app.request(path, { method: 'POST' })).status, 200);
  t.match((await worker.get('/me/contact')).body.prefs.email, { on: false });
  await given();
  await flush();
  t.equal(mails.length, 1, 'no more mails');

  // The port for other modules: once for a key, threaded.
  const put = () =>
    withTenant(deps.database, { tenantId: cloud.tenantId }, (tx) =>
      sendMail(tx, deps, cloud.tenantId, {
        ...{
          to: 'citizen@example.net',
          subject: '收到',
          text: '编号 1\n<b>',
          inReplyTo: '<a@b>',
          idempotencyKey: 'k1',
          about: { zh: '答复' },
        },
      }),
    );
  const queued = await put();
  t.equal(await put(), undefined);
  await flush();
  t.equal(mails.length, 2);
  t.match(mails[1]?.raw, `Message-ID: ${queued?.messageId}`);
  t.match(mails[1]?.raw, /In-Reply-To: <a@b>/);
  t.match(decoded(mails[1]?.raw ?? ''), '&lt;b&gt;', 'what others wrote is no HTML');
  const [kept] = await cloud.rows<{ body: Buffer | null }>('SELECT body FROM notice_deliveries WHERE id = $1', [
    queued?.deliveryId,
  ]);
  t.equal(kept?.body, null, 'what was sealed goes once it is sent');
  await t.rejects(
    withTenant(deps.database, { tenantId: cloud.tenantId }, (tx) =>
      sendMail(tx, deps, cloud.tenantId, {
        to: 'a@b\r\nBcc: c@d',
        subject: '',
        text: '',
        idempotencyKey: 'k2',
        about: { zh: 'x' },
      }),
    ),
    { code: 'invalid_input' },
  );
});

t.test('greylisting is waited for, a refusal is final, a wrong password stops nothing for ever', async (t) => {
  const { cloud, owner, given, log, flush } = await bringUpOutward(t);
  let answer: { code: number; text: string } | undefined = { code: 451, text: 'greylisted, come again' };
  const { mails, config } = await mailServer(t, () => answer);
  const { body } = await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'wrong' });
  // Where others could read it on the way nothing goes without TLS, whatever this installation allows on its own networks.
  const path = `/notice-channels/${body.channel.id}`;
  const far = { config: { ...config, host: '203.0.113.7' }, password: 'wrong' };
  t.equal((await owner.patch(path, far, body.channel.version)).status, 200);
  const tested = await owner.post(`${path}/test`, { to: 'a@example.org' });
  t.match(tested.body, { ok: false, code: 'plain', detail: /without TLS/ });
  t.equal((await owner.patch(path, { config, password: 'wrong' }, body.channel.version + 1)).status, 200);
  await given();
  await flush();
  t.match(await log(), [{ state: 'waiting', code: 'auth', attempts: 1 }]);
  const [failing] = (await owner.get('/notice-channels')).body.items;
  t.match(failing, { state: 'failing', lastCode: 'auth', waiting: 1 });
  const fixed = await owner.patch(
    `/notice-channels/${body.channel.id}`,
    { password: 'mail-password' },
    failing.version,
  );
  t.equal(fixed.status, 200);
  cloud.clock.advance(2 * minute);
  await flush();
  t.match(await log(), [{ state: 'waiting', code: 'deferred', attempts: 2 }]);
  answer = undefined;
  cloud.clock.advance(6 * minute);
  await flush();
  t.match(await log(), [{ state: 'sent', attempts: 3, code: null }]);
  t.equal(mails.length, 1);
  answer = { code: 550, text: 'no such user here' };
  await given();
  await flush();
  const [refused] = await log();
  t.match(refused, { state: 'failed', code: 'refused', detail: /no such user/ });
  t.match(
    (await owner.get('/notice-channels')).body.items[0],
    { state: 'working' },
    'that is the addressee’s, not the account’s',
  );
  answer = undefined;
  t.match((await owner.post(`/notice-deliveries/${refused.id}/replay`)).body, { state: 'waiting' });
  await flush();
  t.match((await log())[0], { state: 'sent' });
  t.equal((await owner.post(`/notice-deliveries/${refused.id}/replay`)).status, 409);
});

t.test('a flood becomes a few mails and one summary', async (t) => {
  const { cloud, owner, ctx, given, log, flush, fresh } = await bringUpOutward(t);
  const { mails, config } = await mailServer(t);
  await owner.post('/notice-channels', {
    ...{ kind: 'email', name: '邮箱', password: 'mail-password', config: { ...config, perPersonHourly: 2 } },
  });
  const made = await given();
  for (let i = 0; i < 6; i++) {
    cloud.clock.advance(1_000);
    await cloud.act(ctx, made.id, { do: 'remind', opinion: `催 ${i}` });
  }
  await flush();
  t.equal(mails.length, 2);
  t.equal((await log('code=held')).length, 5);
  cloud.clock.advance(hour + minute);
  await flush();
  t.equal(mails.length, 3);
  t.equal(decoded(mails[2]?.raw ?? '').split('催办').length - 1 >= 5, true, 'all five within one');
  await fresh();
  t.equal((await log('state=digested')).length, 4);
  t.equal((await log('state=waiting')).length, 0);
});

t.test(
  'to an address whose mail came back for good nothing more goes, until somebody says that it is right',
  async (t) => {
    const { cloud, owner, worker, given, log, flush, deps } = await bringUpOutward(t);
    let answer: { code: number; text: string } | undefined;
    const { mails, config } = await mailServer(t, () => answer);
    const more = { config: { ...config, perPersonHourly: 100 }, password: 'mail-password' };
    await owner.post('/notice-channels', { kind: 'email', name: '邮箱', ...more });
    const next = async () => {
      await given();
      await flush();
      return (await log())[0];
    };
    const { tenantId } = cloud;
    const comeBack = ({ id }: { id: string }, status: string, last: string | null = 'Worker@Example.org') =>
      withTenant(deps.database, { tenantId }, (tx) =>
        noteBounce(
          tx,
          { ...deps, live: cloud.bus },
          {
            ...{
              tenantId,
              report: {
                action: 'failed',
                status,
                detail: null,
                finalRecipient: last,
                about: [messageIdOf(deps.sealing, id, 'hall@example.org')],
              },
            },
          },
        ),
      );
    const first = await next();
    await comeBack(first, '4.4.7');
    t.match(await log(), [{ state: 'failed', code: 'bounced_unreachable', heldBy: null }]);
    const second = await next();
    t.match(second, { state: 'sent' }, 'what may pass stops nothing');
    await comeBack(second, '5.1.1', 'elsewhere@example.net');
    t.match((await log())[0], { state: 'failed', code: 'bounced_forwarded', heldBy: null });
    await comeBack(await next(), '5.1.1', null);
    t.match((await log())[0], { state: 'failed', code: 'bounced_address', heldBy: null }, 'of whom it does not say');
    const third = await next();
    t.match(third, { state: 'sent' }, 'nor what came back from where its reader forwards it');
    await comeBack(third, '5.1.1');
    const skipped = await next();
    t.match(skipped, {
      state: 'skipped',
      code: 'bounced_before',
      heldBy: third.id,
      to: { shown: 'w***@example.org' },
    });
    t.equal(mails.length, 4);
    t.match((await owner.get('/notice-channels')).body.items[0], { held: 1, state: 'working' });
    t.match(await log('held=true'), [{ id: third.id, code: 'bounced_address' }]);
    t.match((await worker.get('/me/notices?limit=1')).body.items, [{ rule: 'given' }], 'inside nothing is held');
    t.match((await worker.get('/me/contact')).body, { held: { code: 'bounced_address' } });
    t.match((await owner.post(`/notice-deliveries/${skipped.id}/replay`)).body, { state: 'waiting' });
    await flush();
    t.match((await log())[0], { state: 'skipped', code: 'bounced_before' }, 'nor by hand');
    t.equal((await worker.delete('/me/contact/hold')).status, 204);
    t.equal((await worker.delete('/me/contact/hold')).status, 404);
    t.match((await worker.get('/me/contact')).body, { held: null });
    t.match(await next(), { state: 'sent', heldBy: null });

    // What speaks of a mail, of the sender or of a full mailbox says nothing of the address.
    for (const status of ['5.7.1', '5.2.2', '5.3.4', '5.1.8']) {
      answer = { code: 550, text: `${status} not this one` };
      t.match(await next(), { state: 'failed', code: 'refused', heldBy: null }, status);
      answer = undefined;
      const sent = await next();
      await comeBack(sent, status);
      t.match((await log())[0], { state: 'failed', heldBy: null }, status);
    }

    // What a server says at once is as good as a letter of its.
    answer = { code: 550, text: '5.1.1 no such mailbox' };
    const refused = await next();
    t.match(refused, { state: 'failed', code: 'refused', heldBy: refused.id });
    answer = undefined;
    t.match(await next(), { state: 'skipped', code: 'bounced_before' });
    t.equal((await worker.delete(`/notice-deliveries/${refused.id}/hold`)).status, 403);
    t.equal((await owner.delete(`/notice-deliveries/${skipped.id}/hold`)).status, 404, 'nothing came of that one');
    t.equal((await owner.delete(`/notice-deliveries/${refused.id}/hold`)).status, 204);
    t.equal((await cloud.auditRows('noticechannel.address_held')).length, 2);
    t.match(await cloud.auditRows('noticechannel.hold_lifted'), [{ targetName: 'w***@example.org' }]);
    t.equal((await cloud.auditRows('contact.hold_lifted')).length, 1);
    t.match(await next(), { state: 'sent' });
  },
);
