import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../store/make-folder.js';
import { writeFileSafely } from '../store/write-file-safely.js';
import { type DrillReport, drillKindSchema, drillReportSchema } from './drill-contract.js';

const journalSchema = z.object({ v: z.literal(1), id: z.string(), kind: drillKindSchema, startedAt: z.number() });
export type DrillJournal = z.infer<typeof journalSchema>;

const keptReports = 200;

/** DATA/drills: what a drill has changed and must be undone (`journal.json`), its ballast, and the reports. */
export class DrillFiles {
  readonly folder: string;

  constructor(dataDir: string) {
    this.folder = path.join(dataDir, 'drills');
  }

  get ballast(): string {
    return path.join(this.folder, 'ballast');
  }

  get #journal(): string {
    return path.join(this.folder, 'journal.json');
  }

  /** Before anything is changed. */
  begin(journal: DrillJournal): void {
    makeFolder(this.folder);
    writeFileSafely(this.#journal, JSON.stringify(journal));
  }

  /** Whatever a drill left on the disk is gone when it returns; what it changed in the agent's memory went with that. */
  undo(): DrillJournal | undefined {
    rmSync(this.ballast, { force: true });
    if (!existsSync(this.#journal)) return undefined;
    const left = journalSchema.safeParse(readJson(this.#journal));
    rmSync(this.#journal, { force: true });
    return left.success ? left.data : { v: 1, id: 'unreadable', kind: 'cut', startedAt: 0 };
  }

  keep(report: DrillReport): string {
    makeFolder(this.folder);
    const file = path.join(
      this.folder,
      `${new Date(report.startedAt).toISOString().replaceAll(':', '')}-${report.kind}.json`,
    );
    writeFileSafely(file, `${JSON.stringify(report, null, 2)}\n`);
    for (const old of this.#names().slice(0, -keptReports)) rmSync(path.join(this.folder, old), { force: true });
    return file;
  }

  /** Newest first. */
  reports(limit: number): DrillReport[] {
    return this.#names()
      .slice(-limit)
      .reverse()
      .flatMap((name) => {
        const report = drillReportSchema.safeParse(readJson(path.join(this.folder, name)));
        return report.success ? [report.data] : [];
      });
  }

  #names(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.json') && name !== 'journal.json')
      .sort();
  }
}

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};
