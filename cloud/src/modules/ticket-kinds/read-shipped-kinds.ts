import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';
import { parse } from 'yaml';

const folder = path.join(import.meta.dirname, 'shipped');

/** Codes of calendars that every organisation has, besides `always`. */
export const shippedCalendars: ReadonlySet<string> = new Set(['office']);

/** Kinds of ticket that come with the product, by code, as their files say. Throws `configuration` naming the file. */
export const readShippedKinds = (from = folder): readonly TicketKind[] =>
  fs
    .readdirSync(from)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const read = ticketKindSchema.safeParse(plainOf(path.join(from, file)));
      if (read.success) return read.data;
      const [issue] = read.error.issues;
      throw new HubError('configuration', `${file}: ${issue?.path.join('.')}: ${issue?.message}`);
    });

/** What the YAML of a file says: parsing all takes a third of a second, so the build leaves it beside the file, by the hash of its text. */
const plainOf = (file: string): unknown => {
  const text = fs.readFileSync(file, 'utf8');
  const beside = `${file}.json`;
  if (!fs.existsSync(beside)) return parse(text);
  const { sha256, plain } = JSON.parse(fs.readFileSync(beside, 'utf8')) as { sha256?: string; plain?: unknown };
  return sha256 === createHash('sha256').update(text).digest('hex') ? plain : parse(text);
};
