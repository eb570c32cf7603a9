import { HubError, uuidv7 } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { isForeignKeyViolation, withTenant } from '../../../db/index.js';
import { toScope } from '../../access/over-grants.js';
import { isRight, type Right } from '../../access/rights.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { isAddressRange } from '../address-ranges.js';
import type { ApiKey, CreateApiKey } from '../contract.js';
import { makeKey } from '../key-text.js';
import { describeApiKey, selectApiKeys } from '../read-api-keys.js';
import { apiKeys } from '../tables.js';

/** A forgotten key ends by itself. */
const longestMs = 2 * 366 * 24 * 3_600_000;

/**
 * A key for a program: `key` is shown this once. Nobody gives a key what they do not hold there themselves; what they
 * lose later, the key loses too. Only people make keys. Errors: `forbidden`, `invalid_input`.
 */
export const createApiKey = async (ctx: VerbContext, input: CreateApiKey): Promise<{ apiKey: ApiKey; key: string }> => {
  const { actor } = ctx;
  if (actor.kind !== 'user' || actor.userId === null) {
    throw new HubError('forbidden', 'Only a person makes API keys', { context: { reason: 'person_required' } });
  }
  const createdBy = actor.userId;
  const rights = checkInput(ctx, input);
  const made = makeKey();
  const { scope } = input;
  const apiKey = await withTenant(ctx.db, actor, async (tx) => {
    const id = uuidv7();
    await tx.insert(apiKeys).values({
      id,
      tenantId: actor.tenantId,
      name: input.name,
      prefix: made.prefix,
      hash: made.hash,
      rights,
      scopeKind: scope.kind,
      regionId: scope.kind === 'region' ? scope.id : null,
      hallId: scope.kind === 'hall' ? scope.id : null,
      allowedFrom: input.allowedFrom,
      expiresAt: input.expiresAt === null ? null : new Date(input.expiresAt),
      createdBy,
      createdAt: new Date(ctx.clock.now()),
    });
    const { name, allowedFrom, expiresAt } = input;
    await audit(tx, ctx, {
      action: 'apikey.created',
      target: { kind: 'apikey', id, name },
      hallId: scope.kind === 'hall' ? scope.id : null,
      after: { name, prefix: made.prefix, rights, scope, allowedFrom, expiresAt },
    });
    const [row] = await selectApiKeys(tx).where(eq(apiKeys.id, id));
    if (!row) throw new HubError('bug', 'the key just made is not there');
    return describeApiKey(row, ctx.clock.now());
  }).catch((error: unknown) => {
    if (!isForeignKeyViolation(error)) throw error;
    throw new HubError('invalid_input', 'There is no such place', {
      cause: error,
      context: { errors: [{ path: 'body.scope', message: 'There is no such place' }] },
    });
  });
  return { apiKey, key: made.key };
};

const checkInput = (ctx: VerbContext, input: CreateApiKey): Right[] => {
  const errors = [
    ...input.rights
      .filter((right) => !isRight(right))
      .map((right) => ({ path: 'body.rights', message: `There is no right ${right}` })),
    ...input.allowedFrom
      .filter((range) => !isAddressRange(range))
      .map((range) => ({
        path: 'body.allowedFrom',
        message: `${range} is neither an address nor a range such as 10.0.0.0/8`,
      })),
  ];
  const nowMs = ctx.clock.now();
  if (input.expiresAt !== null) {
    const untilMs = Date.parse(input.expiresAt) - nowMs;
    if (untilMs <= 0) errors.push({ path: 'body.expiresAt', message: 'Must be in the future' });
    if (untilMs > longestMs) errors.push({ path: 'body.expiresAt', message: 'At most two years away' });
  }
  if (errors.length > 0) throw new HubError('invalid_input', 'The key cannot be made so', { context: { errors } });
  const scope = toScope(input.scope);
  ctx.actor.require('apikey.write', scope);
  const rights = [...new Set(input.rights.filter(isRight))];
  const lacking = rights.filter((right) => !ctx.actor.can(right, scope));
  if (lacking.length > 0) {
    throw new HubError('forbidden', 'The key would hold rights there which you do not hold yourself', {
      context: { lacking },
    });
  }
  return rights;
};
