import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { HasTeardown } from '../../../db/testing.js';
import { type Answer, type Caller, testOrigin } from '../../../http/testing.js';
import { createSealing } from '../../pki/sealing.js';
import { bringUpTickets, type TestTickets } from '../../tickets/testing.js';
import type { TicketImportPage } from './contract.js';
import { importSecret } from './desk/import-secret.js';
import { openTicketImports, type TicketImports } from './index.js';

export interface TestImports extends TestTickets {
  readonly imports: TicketImports;
  upload(caller: Caller, bytes: string | Uint8Array, query?: string): Promise<Answer>;
  /** Waits until all that is to be done is done, and reads the import. */
  settled(caller: Caller, importId: string): Promise<TicketImportPage>;
  /** Uploads and starts; the import when it is over. */
  importAll(caller: Caller, bytes: string | Uint8Array): Promise<TicketImportPage>;
}

/** The app with an organisation, the kind of citizens’ requests, and imports of tickets. */
export const bringUpImports = async (t: HasTeardown): Promise<TestImports> => {
  const uploadsDir = mkdtempSync(join(tmpdir(), 'hallhub-imports-'));
  t.teardown(() => rmSync(uploadsDir, { recursive: true, force: true }));
  let imports: TicketImports | undefined;
  const tickets = await bringUpTickets(t, {
    routes: ({ db, clock, bus }) => {
      imports = openTicketImports({
        ...{ database: db, clock, live: bus, uploadsDir, log: pino({ level: process.env.LOG ?? 'silent' }) },
        sealing: createSealing(importSecret),
      });
      return imports.routes;
    },
  });
  if (!imports) throw new RangeError('routes are made once');
  const opened = imports;
  t.teardown(() => opened.close());
  const settled = async (caller: Caller, importId: string): Promise<TicketImportPage> => {
    opened.desk.wake();
    await opened.desk.settled();
    return (await caller.get(`/ticket-imports/${importId}`)).body;
  };
  const upload = async (caller: Caller, bytes: string | Uint8Array, query = ''): Promise<Answer> => {
    const response = await tickets.app.request(
      `${testOrigin}/api/v1/ticket-imports?kind=citizen_request&name=rows.csv${query}`,
      {
        method: 'POST',
        headers: { cookie: caller.cookie, origin: testOrigin, 'content-type': 'application/octet-stream' },
        body: Buffer.from(bytes as string),
      },
    );
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  return {
    ...tickets,
    ...{ imports: opened, upload, settled },
    async importAll(caller, bytes) {
      const sent = await upload(caller, bytes);
      if (sent.status !== 201) throw new Error(JSON.stringify(sent.body));
      const { id, version } = await settled(caller, sent.body.id);
      const started = await caller.post(`/ticket-imports/${id}/start`, undefined, { 'if-match': `"${version}"` });
      if (started.status !== 200) throw new Error(JSON.stringify(started.body));
      return settled(caller, id);
    },
  };
};
