import { type Finding, findingSchema } from '@hallhub/shared/vision';
import type { Store, Transaction } from '../../store/index.js';
import type { EngineSnapshot } from '../rules/index.js';
import type { FindingDraft } from './finding-draft.js';

export interface WaitingFinding {
  /** Id of its event row; of an episode's first row the episode's own. */
  readonly rowId: string;
  readonly episodeId: string;
  readonly cameraId: string;
  readonly draft: FindingDraft;
}

export interface ToldFinding {
  readonly rowId: string;
  readonly cameraId: string;
  readonly finding: Finding;
  readonly at: number;
}

interface Row {
  row_id: string;
  episode_id: string;
  camera_id: string;
  state: 'waiting' | 'told';
  body: string;
  changed_at: number;
}

const keptMs = 90 * 86_400_000;
const keptRows = 20_000;
const sealKey = 'vision.seal';

/** What of vision has to outlive a kill: findings on their way, what the rules remember, which minutes were told, the end of the chain. */
export class FindingBook {
  readonly #hub: Store['hub'];

  constructor(store: Store) {
    this.#hub = store.hub;
  }

  get commit(): Store['hub']['commit'] {
    return this.#hub.commit;
  }

  get #db() {
    return this.#hub.commit.db;
  }

  /** In the order they came. */
  waiting(): WaitingFinding[] {
    const rows = this.#db.prepare("SELECT * FROM vision_finding WHERE state = 'waiting' ORDER BY arrival").all();
    return (rows as Row[]).map(waitingOf);
  }

  waitingOf(episodeId: string): WaitingFinding[] {
    const sql = "SELECT * FROM vision_finding WHERE episode_id = ? AND state = 'waiting' ORDER BY arrival";
    return (this.#db.prepare(sql).all(episodeId) as Row[]).map(waitingOf);
  }

  /** Of one camera. */
  waitingAt(cameraId: string): WaitingFinding[] {
    const sql = "SELECT * FROM vision_finding WHERE state = 'waiting' AND camera_id = ? ORDER BY arrival";
    return (this.#db.prepare(sql).all(cameraId) as Row[]).map(waitingOf);
  }

  find(rowId: string): WaitingFinding | undefined {
    const row = this.#db.prepare("SELECT * FROM vision_finding WHERE row_id = ? AND state = 'waiting'").get(rowId);
    return row === undefined ? undefined : waitingOf(row as Row);
  }

  isKnown(rowId: string): boolean {
    return this.#db.prepare('SELECT 1 FROM vision_finding WHERE row_id = ?').get(rowId) !== undefined;
  }

  put(tx: Transaction, { rowId, episodeId, cameraId, draft }: WaitingFinding, now: number): void {
    tx.db
      .prepare(
        `INSERT INTO vision_finding (row_id, episode_id, camera_id, arrival, state, body, changed_at)
         VALUES (?, ?, ?, (SELECT coalesce(max(arrival), 0) + 1 FROM vision_finding), 'waiting', ?, ?)
         ON CONFLICT (row_id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at WHERE state = 'waiting'`,
      )
      .run(rowId, episodeId, cameraId, JSON.stringify(draft), now);
  }

  told(tx: Transaction, rowId: string, finding: Finding, now: number): void {
    tx.db
      .prepare("UPDATE vision_finding SET state = 'told', body = ?, hash = ?, changed_at = ? WHERE row_id = ?")
      .run(JSON.stringify(finding), finding.seal.hash, now, rowId);
  }

  /** Newest first; all rows of those episodes. */
  latest(limit: number): ToldFinding[] {
    const sql = "SELECT * FROM vision_finding WHERE state = 'told' ORDER BY arrival DESC LIMIT ?";
    return (this.#db.prepare(sql).all(limit) as Row[]).flatMap(toldOf);
  }

  /** Told rows of an episode, in order. */
  episode(episodeId: string): ToldFinding[] {
    const sql = "SELECT * FROM vision_finding WHERE episode_id = ? AND state = 'told' ORDER BY arrival";
    return (this.#db.prepare(sql).all(episodeId) as Row[]).flatMap(toldOf);
  }

  /** The told row that names a file of this hash as its evidence. */
  byFile(sha256: string): ToldFinding | undefined {
    const sql = `SELECT f.* FROM vision_finding f, json_each(f.body, '$.evidence') e WHERE f.state = 'told' AND instr(f.body, @sha256) > 0
      AND json_extract(e.value, '$.sha256') = @sha256 ORDER BY f.arrival DESC LIMIT 1`;
    return toldOf(this.#db.prepare(sql).get({ sha256 }) as Row | undefined)[0];
  }

  /** Of the latest finding whose id ends so. */
  episodeEndingWith(digits: string): string | undefined {
    const sql = `SELECT episode_id FROM vision_finding WHERE state = 'told' AND substr(episode_id, -length(@digits)) = @digits
      ORDER BY arrival DESC LIMIT 1`;
    return this.#db.prepare(sql).pluck().get({ digits }) as string | undefined;
  }

  hasHash(hash: string): boolean {
    return this.#db.prepare('SELECT 1 FROM vision_finding WHERE hash = ?').get(hash) !== undefined;
  }

  /** Whether the chain goes on behind it, or ends with it: a row that was made anew is in no chain. */
  isInChain(hash: string): boolean {
    if (this.lastSeal() === hash) return true;
    const sql = `SELECT 1 FROM vision_finding WHERE state = 'told' AND instr(body, @hash) > 0 AND json_extract(body, '$.seal.previous') = @hash`;
    return this.#db.prepare(sql).get({ hash }) !== undefined;
  }

  /** Hash of the last finding that was sealed; undefined: none was. */
  lastSeal(tx: Pick<Transaction, 'db'> = { db: this.#db }): string | undefined {
    return tx.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(sealKey) as string | undefined;
  }

  setSeal(tx: Transaction, hash: string): void {
    tx.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(sealKey, hash);
  }

  /** What signatures are proved by; kept when the unit has another one. */
  keepCertificate(
    tx: Transaction,
    { serial, chain }: { readonly serial: string; readonly chain: readonly string[] },
    now: number,
  ): void {
    tx.db
      .prepare('INSERT OR REPLACE INTO vision_certificate (serial, chain, last_used_at) VALUES (?, ?, ?)')
      .run(serial, JSON.stringify(chain), now);
  }

  /** PEM, leaf first; undefined: no finding that is kept was signed with it. */
  certificate(serial: string): readonly string[] | undefined {
    const text = this.#db.prepare('SELECT chain FROM vision_certificate WHERE serial = ?').pluck().get(serial);
    return typeof text === 'string' ? (JSON.parse(text) as string[]) : undefined;
  }

  kept(): { readonly cameraId: string; readonly kept: EngineSnapshot }[] {
    const rows = this.#db.prepare('SELECT camera_id, body FROM vision_kept').all() as {
      camera_id: string;
      body: string;
    }[];
    return rows.map(({ camera_id: cameraId, body }) => ({ cameraId, kept: JSON.parse(body) as EngineSnapshot }));
  }

  keep(tx: Transaction, cameraId: string, kept: EngineSnapshot): void {
    tx.db
      .prepare('INSERT OR REPLACE INTO vision_kept (camera_id, view_id, body) VALUES (?, ?, ?)')
      .run(cameraId, kept.viewId, JSON.stringify(kept));
  }

  /** False: that minute or hour was told before. A clock that was far ahead does not silence what comes. */
  tellOnce(tx: Transaction, key: string, at: number, spanMs: number): boolean {
    const last = tx.db.prepare('SELECT at FROM vision_told WHERE key = ?').pluck().get(key) as number | undefined;
    if (last !== undefined && at <= last && last - at <= 10 * spanMs) return false;
    tx.db.prepare('INSERT OR REPLACE INTO vision_told (key, at) VALUES (?, ?)').run(key, at);
    return true;
  }

  /** `isWatched`: whether a view of a camera is still set up; undefined: that is not known now. */
  tidy(tx: Transaction, now: number, isWatched?: (cameraId: string, viewId: string) => boolean): void {
    for (const { cameraId, kept } of isWatched ? this.kept() : []) {
      if (isWatched?.(cameraId, kept.viewId)) continue;
      tx.db.prepare('DELETE FROM vision_kept WHERE camera_id = ? AND view_id = ?').run(cameraId, kept.viewId);
    }
    tx.db.prepare('DELETE FROM vision_told WHERE at < ?').run(now - keptMs);
    tx.db.prepare('DELETE FROM vision_certificate WHERE last_used_at < ?').run(now - keptMs);
    const sql = `DELETE FROM vision_finding WHERE state = 'told' AND (changed_at < ?
      OR arrival <= (SELECT coalesce(max(arrival), 0) FROM vision_finding) - ${keptRows})`;
    tx.db.prepare(sql).run(now - keptMs);
  }
}

const waitingOf = (row: Row): WaitingFinding => ({
  rowId: row.row_id,
  episodeId: row.episode_id,
  cameraId: row.camera_id,
  draft: JSON.parse(row.body) as FindingDraft,
});

const toldOf = (row: Row | undefined): ToldFinding[] => {
  if (!row) return [];
  const finding = findingSchema.safeParse(JSON.parse(row.body));
  if (!finding.success) return [];
  return [{ rowId: row.row_id, cameraId: row.camera_id, finding: finding.data, at: row.changed_at }];
};
