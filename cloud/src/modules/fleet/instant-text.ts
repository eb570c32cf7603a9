/** An instant as REST says it. Raw queries through drizzle give PostgreSQL's own text, others a Date. */
export function instantText(value: string | Date): string;
export function instantText(value: string | Date | null): string | null;
export function instantText(value: string | Date | null): string | null {
  return value === null ? null : new Date(value).toISOString();
}
