import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import type { MakeTicket, TicketCommand, TicketKind, TicketRow } from '@hallhub/shared/ticket';
import { folderBlobStore } from '../../blobs/index.js';
import { type Database, silentLogger, withSystem, withTenant } from '../../db/index.js';
import type { HasTeardown } from '../../db/testing.js';
import { type Caller, startTestApp, type TestApp, type TestAppOptions } from '../../http/testing.js';
import { loadActor } from '../access/load-actor.js';
import type { VerbContext } from '../access/verb-context.js';
import { createSealing } from '../pki/sealing.js';
import { readShippedKinds } from '../ticket-kinds/read-shipped-kinds.js';
import { actOnTicket } from './act-on-ticket.js';
import { type OpenTickets, openTickets } from './index.js';
import { type MakeTicketInput, makeTicket } from './make-ticket.js';

let shippedKinds: readonly TicketKind[] | undefined;

/** One of the kinds that come with the software, for the caller to change. */
export const shippedKind = (code: string): TicketKind => {
  shippedKinds ??= readShippedKinds();
  const found = shippedKinds.find((kind) => kind.code === code);
  if (!found) throw new RangeError(`no kind ${code} is shipped`);
  return structuredClone(found);
};

export const request = (change: Partial<MakeTicket> = {}): MakeTicket => ({
  ...{ kind: 'citizen_request', level: null, hallId: null, deviceId: null, parentId: null },
  fields: {
    ...{ title: '路灯不亮', content: '人民路八十号门前的路灯坏了三天', nature: 'help' },
    ...{ requester: '张三丰', phone: '13812348000', category: ['lighting'] },
    place: { text: '人民路80号', lon: 117.2, lat: 31.8 },
  },
  ...change,
});

export const publishKind = async (
  db: Database,
  { tenantId, kind, version = 1 }: { readonly tenantId: string; readonly kind: TicketKind; readonly version?: number },
): Promise<void> => {
  await db.ownerPool.query('INSERT INTO ticket_kinds (tenant_id, code) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    tenantId,
    kind.code,
  ]);
  await db.ownerPool.query(
    `INSERT INTO ticket_kind_versions (tenant_id, code, version, document, published_by_name) VALUES ($1, $2, $3, $4, '测试')`,
    [tenantId, kind.code, version, JSON.stringify(kind)],
  );
  await db.ownerPool.query('UPDATE ticket_kinds SET published_version = $3 WHERE tenant_id = $1 AND code = $2', [
    ...[tenantId, kind.code, version],
  ]);
};

export interface TestTickets extends TestApp {
  readonly folder: string;
  /** Ids of offices by code: reception, dispatch, visits, works, greens. */
  readonly offices: Readonly<Record<'reception' | 'dispatch' | 'visits' | 'works' | 'greens', string>>;
  /** Puts people into an office. */
  join(office: string, userIds: readonly string[], options?: { readonly leads?: boolean }): Promise<void>;
  ctxOf(person: Caller): Promise<VerbContext>;
  make(ctx: VerbContext, input?: Partial<MakeTicketInput>): Promise<TicketRow>;
  act(ctx: VerbContext, ticketId: string, command: TicketCommand, seq?: number): Promise<TicketRow>;
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

/** The app with an organisation of five offices and the kind of citizens' requests, published. */
export const bringUpTickets = async (
  t: HasTeardown,
  options: {
    readonly kinds?: readonly TicketKind[];
    readonly routes?: TestAppOptions['routes'];
    readonly log?: OpenTickets['log'];
  } = {},
): Promise<TestTickets> => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-tickets-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const app = await startTestApp(t, {
    routes: (deps) => [
      ...openTickets({
        ...{ database: deps.db, clock: deps.clock, live: deps.bus, uploadsDir: join(folder, 'uploads') },
        log: options.log ?? silentLogger,
        ...{
          sealing: createSealing('test-secret-of-32-characters-or-more'),
          blobs: folderBlobStore(join(folder, 'blobs')),
        },
      }).routes,
      ...(options.routes?.(deps) ?? []),
    ],
  });
  const { db, tenantId } = app;
  const codes = ['reception', 'dispatch', 'visits', 'works', 'greens'] as const;
  const offices = Object.fromEntries(codes.map((code) => [code, uuidv7()])) as TestTickets['offices'];
  for (const code of codes) {
    await db.ownerPool.query('INSERT INTO offices (id, tenant_id, code, name) VALUES ($1, $2, $3, $4)', [
      ...[offices[code], tenantId, code, `${code}处`],
    ]);
  }
  for (const kind of options.kinds ?? [shippedKind('citizen_request')]) await publishKind(db, { tenantId, kind });
  return {
    ...app,
    ...{ folder, offices },
    async join(office, userIds, { leads = false } = {}) {
      for (const userId of userIds) {
        await db.ownerPool.query(
          'INSERT INTO office_members (tenant_id, office_id, user_id, is_leader) VALUES ($1, $2, $3, $4)',
          [tenantId, office, userId, leads],
        );
      }
    },
    ctxOf: (person) => contextOf(app, person),
    make: (ctx, input = {}) =>
      withTenant(db, ctx.actor, (tx) => makeTicket(tx, ctx, { ...request(), source: 'console', ...input })),
    act: (ctx, ticketId, command, seq) =>
      withTenant(db, ctx.actor, (tx) => actOnTicket(tx, ctx, { ticketId, seq, command })),
    rows: async (sql, values = []) => (await db.ownerPool.query(sql, [...values])).rows as never,
  };
};

/** A person's context as their requests have it, for verbs called without HTTP. */
const contextOf = async (app: TestApp, { userId }: Caller): Promise<VerbContext> => {
  const facts = { userId, userName: 'tester', tenantId: app.tenantId, mustChangePassword: false };
  const actor = await withSystem(app.db, (tx) => loadActor(tx, facts));
  return { ...app.systemContext(), actor };
};
