import { HubError, type Label, labelSchema } from '@hallhub/shared';
import { readFeel } from '@hallhub/shared/feel';
import { feelNames, type KindSurroundings, lintKind, type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';
import type { DraftFault } from './contract.js';

/** Of its JSON, in characters. A kind of two hundred fields and sixty steps has a third of it. */
export const largestDocument = 512 * 1024;
const mostExpressions = 2_000;
/** Of this process, which does nothing else meanwhile; kinds that people write take a hundredth. */
const mostReadingMs = 1_500;
const mostFaults = 200;

export interface CheckedDocument {
  /** Undefined: it is no kind yet. */
  readonly kind: TicketKind | undefined;
  /** Any error keeps it from being published. */
  readonly faults: readonly DraftFault[];
}

/** Every condition in a document, wherever it stands. */
const expressionsIn = (value: unknown, found: string[] = []): string[] => {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if ((key === 'when' || key === 'feel') && typeof inner === 'string') found.push(inner);
    else expressionsIn(inner, found);
  }
  return found;
};

const error = (code: DraftFault['code'], path: string, about: string): DraftFault => ({
  ...{ code, severity: 'error', path, about },
});

/** Conditions are text that a parser has to read: so much of it that the process would stand still is refused unread. */
const tooMuchFeel = (kind: TicketKind): DraftFault | undefined => {
  const expressions = expressionsIn(kind);
  if (expressions.length > mostExpressions) {
    return error('too_much_feel', 'steps', `${expressions.length} conditions; ${mostExpressions} at most`);
  }
  const names = new Set([...feelNames, ...kind.fields.map(({ key }) => key)]);
  const begin = performance.now();
  for (const expression of expressions) {
    readFeel(expression, names);
    if (performance.now() - begin > mostReadingMs) {
      return error('too_much_feel', 'steps', 'its conditions take too long to read');
    }
  }
  return undefined;
};

/**
 * What a document is, and what is wrong with it as the kind of that code; people save what is not finished. Errors: `too_large`.
 */
export const checkDocument = (
  document: unknown,
  { code, ...around }: KindSurroundings & { readonly code: string },
): CheckedDocument => {
  const size = JSON.stringify(document)?.length ?? 0;
  if (size > largestDocument) {
    throw new HubError(
      'too_large',
      `A kind of ticket has ${largestDocument} characters of JSON at most; this has ${size}`,
    );
  }
  const own = (document as { code?: unknown } | null)?.code;
  const others = typeof own === 'string' && own !== code ? [error('other_code', 'code', own.slice(0, 100))] : [];
  const read = ticketKindSchema.safeParse(document);
  if (!read.success) {
    const faults = read.error.issues
      .slice(0, mostFaults)
      .map(({ path, message }) => error('shape', path.join('.').slice(0, 300), message.slice(0, 300)));
    return { kind: undefined, faults: [...others, ...faults] };
  }
  const kind = read.data;
  const tooMuch = tooMuchFeel(kind);
  if (tooMuch) return { kind: undefined, faults: [...others, tooMuch] };
  return { kind, faults: [...others, ...lintKind(kind, around).slice(0, mostFaults)] };
};

/** What a document calls itself, finished or not. */
export const labelOf = (document: unknown, code: string): Label => {
  const label = labelSchema.safeParse((document as { label?: unknown } | null)?.label);
  return label.success ? label.data : { zh: code };
};
