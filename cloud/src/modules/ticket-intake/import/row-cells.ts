import { createHash } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';
import { type RawCell, textOfCell } from './read/raw-row.js';

const contextOf = (importId: string, line: number): string => `ticket_import_rows:${importId}:${line}`;

export const sealCells = (
  sealing: Sealing,
  of: { readonly importId: string; readonly line: number },
  cells: readonly RawCell[],
): Buffer => Buffer.from(sealing.seal(Buffer.from(JSON.stringify(cells)), contextOf(of.importId, of.line)));

export const openCells = (
  sealing: Sealing,
  of: { readonly importId: string; readonly line: number },
  sealed: Uint8Array,
): readonly RawCell[] =>
  JSON.parse(Buffer.from(sealing.unseal(sealed, contextOf(of.importId, of.line))).toString()) as RawCell[];

/** By which a row of a file is known again: its content, and which of the same content in the file it is. */
export class RowKeys {
  readonly #seen = new Map<string, number>();

  constructor(private readonly fileSha256: string) {}

  keyOf(cells: readonly RawCell[]): string {
    const content = createHash('sha256')
      .update(JSON.stringify(cells.map(textOfCell)))
      .digest('hex');
    const nth = (this.#seen.get(content) ?? 0) + 1;
    this.#seen.set(content, nth);
    return `row/${createHash('sha256').update(`${this.fileSha256}\0${content}\0${nth}`).digest('hex').slice(0, 32)}`;
  }
}
