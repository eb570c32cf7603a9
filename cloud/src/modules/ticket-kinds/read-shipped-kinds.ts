import fs from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';
import { parse } from 'yaml';

const folder = path.join(import.meta.dirname, 'shipped');

/** Codes of calendars that every organisation has, besides `always`. */
export const shippedCalendars: ReadonlySet<string> = new Set(['office']);

/** Kinds of ticket that come with the product, by code, as their files say. Throws `configuration` naming the file. */
export const readShippedKinds = (): readonly TicketKind[] =>
  fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const read = ticketKindSchema.safeParse(parse(fs.readFileSync(path.join(folder, file), 'utf8')));
      if (read.success) return read.data;
      const [issue] = read.error.issues;
      throw new HubError('configuration', `${file}: ${issue?.path.join('.')}: ${issue?.message}`);
    });
