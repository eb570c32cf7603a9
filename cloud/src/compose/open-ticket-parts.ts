import { join } from 'node:path';
import { folderBlobStore } from '../blobs/index.js';
import { openNotices } from '../modules/notices/index.js';
import { createSealing } from '../modules/pki/sealing.js';
import { assistHook } from '../modules/ticket-assist/index.js';
import { openExchange } from '../modules/ticket-exchange/index.js';
import { openTicketImports } from '../modules/ticket-intake/import/index.js';
import { openIntake } from '../modules/ticket-intake/index.js';
import { openMailIntake } from '../modules/ticket-intake/mail/index.js';
import { statisticsHook } from '../modules/ticket-statistics/index.js';
import { openTickets, registerTicketHook } from '../modules/tickets/index.js';
import type { Core } from './open-core.js';
import type { OpenedParts } from './opened-parts.js';

export type TicketParts = ReturnType<typeof openTicketParts>;

/** Tickets, the ways they come in and go out by, and whoever is told of each line. */
export const openTicketParts = (core: Core, opened: OpenedParts) => {
  const { config, db, uploadsDir } = core;
  const sealed = { ...core.deps, sealing: core.pki.sealing };
  // Below the folder that backups take along; never in one with evidence, whose content goes by its own rules.
  const blobs = folderBlobStore(join(config.dataDir, 'blobs', 'tickets'));
  const tickets = openTickets({
    ...{ ...core.deps, sealing: createSealing(core.secret), blobs, uploadsDir: join(uploadsDir, 'tickets') },
  });
  const exchange = opened.keep(
    openExchange({
      ...{ ...sealed, blobs, uploadsDir: join(uploadsDir, 'exchange'), allowPrivate: config.allowPrivateExchange },
    }),
  );
  const notices = opened.keep(
    openNotices({
      ...{ ...sealed, metrics: core.metrics, publicUrl: config.publicUrl, allowPrivate: config.allowPrivateNotices },
    }),
  );
  const intake = opened.keep(openIntake({ ...sealed, evidence: core.blobs }));
  const imports = opened.keep(openTicketImports({ ...sealed, uploadsDir: join(uploadsDir, 'imports') }));
  const mail = opened.keep(openMailIntake({ ...sealed, allowPrivate: config.allowPrivateExchange }));
  for (const hook of [assistHook, statisticsHook, notices.hook, exchange.hook]) registerTicketHook(db, hook);
  return { tickets, exchange, notices, intake, imports, mail };
};
