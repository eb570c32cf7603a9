import type { Clock } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { DeviceFacts } from '../fleet/claim-devices.js';
import type { ProfileBook } from '../fleet/profile-book.js';
import { type ActiveRule, type HallRule, ruleOfUnit, rulesOfDevice, type UnitOfflineRule } from './active-rule.js';
import { alarmRules } from './tables.js';

/** Other processes hear of a changed rule this late at most. */
const freshMs = 5_000;
const maxHalls = 5_000;

/** Which rules hold where. Profiles are kept for good (their hash names them), a hall's own rules for some seconds. */
export class RuleBook {
  readonly #profiles: ProfileBook;
  readonly #clock: Clock;
  readonly #halls = new Map<string, { readonly rules: readonly HallRule[]; readonly untilMs: number }>();

  constructor(profiles: ProfileBook, clock: Clock) {
    this.#profiles = profiles;
    this.#clock = clock;
  }

  /** A rule of this hall was changed here. */
  forget(hallId: string): void {
    this.#halls.delete(hallId);
  }

  async hallRules(tx: Tx, tenantId: string, hallId: string): Promise<readonly HallRule[]> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#halls.get(hallId);
    if (known && known.untilMs > nowMs) return known.rules;
    const rules = await tx
      .select()
      .from(alarmRules)
      .where(and(eq(alarmRules.tenantId, tenantId), eq(alarmRules.hallId, hallId), isNull(alarmRules.archivedAt)))
      .orderBy(alarmRules.id);
    if (this.#halls.size >= maxHalls) this.#halls.clear();
    this.#halls.set(hallId, { rules, untilMs: nowMs + freshMs });
    return rules;
  }

  async ofDevices(
    tx: Tx,
    place: { readonly tenantId: string; readonly hallId: string },
    devices: Iterable<DeviceFacts>,
  ): Promise<ReadonlyMap<string, readonly ActiveRule[]>> {
    // Rows of a device may come in after the row that retired it, in another lane: they raise nothing that nobody would end.
    const list = [...devices].filter(({ state }) => state === 'active');
    const hallRules = await this.hallRules(tx, place.tenantId, place.hallId);
    const profiles = await this.#profiles.getMany(
      tx,
      place.tenantId,
      list.flatMap(({ profileHash }) => profileHash ?? []),
    );
    return new Map(
      list.map(({ id, profileId, profileHash }) => [
        id,
        rulesOfDevice({ id, profileId, alarms: profiles.get(profileHash ?? '')?.alarms ?? [] }, hallRules),
      ]),
    );
  }

  async ofUnit(
    tx: Tx,
    place: { readonly tenantId: string; readonly hallId: string },
  ): Promise<UnitOfflineRule | undefined> {
    return ruleOfUnit(await this.hallRules(tx, place.tenantId, place.hallId));
  }
}
