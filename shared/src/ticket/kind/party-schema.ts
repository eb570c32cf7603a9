import { z } from 'zod';
import { idSchema } from '../../wire/primitives.js';
import { fieldKeySchema, slugSchema } from './field-schema.js';

/** Whom a task is for: one person, or an office any of whose people may take it. */
export const partySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: idSchema }),
  z.strictObject({ kind: z.literal('office'), id: idSchema }),
]);
export type Party = z.infer<typeof partySchema>;
export const partyKey = ({ kind, id }: Party): string => `${kind}:${id}`;

/** How a party is found when a step begins. */
export const partyRuleSchema = z.discriminatedUnion('kind', [
  /** Whoever made the ticket. */
  z.strictObject({ kind: z.literal('initiator') }),
  /** Whoever acts now: the ticket stays with them. */
  z.strictObject({ kind: z.literal('actor') }),
  /** Whoever last finished this step. */
  z.strictObject({ kind: z.literal('handlerOf'), step: slugSchema }),
  /** Named by code, so that a kind can be carried to another organisation. */
  z.strictObject({ kind: z.literal('office'), code: z.string().min(1).max(64) }),
  /** The person or office that a field holds. */
  z.strictObject({ kind: z.literal('field'), field: fieldKeySchema }),
  /** The office responsible for the ticket's place: its grid, hall or region. */
  z.strictObject({ kind: z.literal('placeOffice'), purpose: slugSchema.optional() }),
  /** The office that looks after the ticket's category. */
  z.strictObject({ kind: z.literal('categoryOffice'), field: fieldKeySchema }),
  /** Of an office's people: who has the skill, is on duty and has least to do. */
  z.strictObject({ kind: z.literal('skill'), skill: slugSchema, office: z.string().min(1).max(64).optional() }),
  /** Who leads the office that holds the ticket, `up` levels above. */
  z.strictObject({ kind: z.literal('leader'), up: z.number().int().min(0).max(5).default(0) }),
  /** Whoever acts chooses, among all whom they may reach. */
  z.strictObject({ kind: z.literal('chosen'), most: z.number().int().min(1).max(50).default(1) }),
]);
export type PartyRule = z.infer<typeof partyRuleSchema>;
