import { createHash } from 'node:crypto';
import { canonicalJson, type ProofHour } from '@hallhub/shared/proof';
import type { UnitDayProof } from './contract.js';

type HourDto = UnitDayProof['hours'][number];

/** Hours as REST says them: what is exported, and what a report's digest is over. */
export const toHourDtos = (hours: readonly ProofHour[]): HourDto[] =>
  hours.map(({ figures: { quarantined: _, ...figures }, ...hour }) => ({
    ...hour,
    figures,
    hour: new Date(hour.hour).toISOString(),
  }));

/** SHA-256 of the canonical JSON, hex. */
export const digestOfHours = (hours: readonly HourDto[]): string =>
  createHash('sha256').update(canonicalJson(hours)).digest('hex');
